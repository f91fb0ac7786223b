import { TerminalError } from "../terminal.ts";
import { dataFolder } from "./places.ts";
import { readState } from "./state.ts";

/**
 * The database that a command works on: `DATABASE_URL`, or the one that a running `bun run dev` started. Commands go past a pooler
 * (`DATABASE_DIRECT_URL`): they set time limits, prepare statements and hold locks.
 *
 * @throws {TerminalError} when there is neither
 */
export async function databaseUrl(env: Record<string, string | undefined>): Promise<string> {
	const url =
		env["DATABASE_DIRECT_URL"] || env["DATABASE_URL"] || (await readState(dataFolder(env)))?.databaseUrl;
	if (url) return url;
	throw new TerminalError(
		"There is no DATABASE_URL, and no `bun run dev` with a database of its own is running here: " +
			"set one or start the other.",
	);
}
