import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../src/cli/dev/places.ts";
import { TerminalError } from "../src/cli/terminal.ts";

export const REPORTS = join(projectRoot, "reports");

/**
 * The file after `--report`, of a script that knows no other option.
 *
 * @throws {TerminalError} with the usage
 */
export function reportOption(args: readonly string[], usage: string): string | undefined {
	const [flag, file, ...others] = args;
	if (flag === undefined) return undefined;
	if (flag !== "--report" || !file || others.length > 0) throw new TerminalError(usage);
	return file;
}

/** @throws {TerminalError} for a report that is missing */
export function readReport(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		throw new TerminalError(`There is no report ${file}: the tests ended before they could write it.`);
	}
}
