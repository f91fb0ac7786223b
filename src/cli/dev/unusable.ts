import { TerminalError } from "../terminal.ts";

export function unusableFolder(folder: string, error: unknown): TerminalError {
	return new TerminalError(`The folder ${folder} cannot be used: ${reasonOf(error)}`);
}

export function unusableDatabase(error: unknown): TerminalError {
	return new TerminalError(`The database in DATABASE_URL cannot be used: ${reasonOf(error)}`);
}

/** Drizzle's message repeats the statement, its cause is what the driver says; a refused connection may have a code only. */
function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if (error.cause) return reasonOf(error.cause);
	return error.message || ("code" in error ? String(error.code) : error.name);
}
