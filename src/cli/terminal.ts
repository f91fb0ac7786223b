import { DrizzleQueryError } from "drizzle-orm";
import { ConfigError } from "../config.ts";

/** Something that the person at the terminal can put right: only the sentence is shown, no stack. */
export class TerminalError extends Error {
	override readonly name = "TerminalError";
}

/** What to print for an error that ends a command. */
export function sentenceOf(error: unknown): string {
	if (error instanceof TerminalError || error instanceof ConfigError) return error.message;
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Runs a command that ends by itself. Exit 2 is for what its user can put right, 1 for what failed underneath.
 *
 * @param usage shown with an argument that is not understood
 */
export async function runCommand(main: () => Promise<void>, usage = ""): Promise<void> {
	try {
		await main();
	} catch (error) {
		const misused = error instanceof TerminalError || error instanceof ConfigError || isBadArgument(error);
		console.error(
			misused ? [error.message, ...(isBadArgument(error) ? ["", usage] : [])].join("\n") : failure(error),
		);
		process.exitCode = misused ? 2 : 1;
	}
}

/** What `util.parseArgs` throws. */
function isBadArgument(error: unknown): error is TypeError {
	return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** Drizzle's message repeats the statement and its parameters, a password's hash among them; the driver's does not. */
function failure(error: unknown): string {
	const reason = error instanceof DrizzleQueryError && error.cause ? error.cause : error;
	return `That did not work: ${reason instanceof Error ? reason.message || reason.name : String(reason)}`;
}
