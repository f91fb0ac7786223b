import { parseArgs } from "node:util";
import { TerminalError } from "../../src/cli/terminal.ts";

export const USAGE = `bun run bench:valuation [OPTION...]
  --sales FILE...  official files, of sales and of rents, in any format that \`bun run import\` reads;
                   without, the made-up sample, repeated until there are 100,000 sales
  --rounds N       default 5, at most 20
  --json           prints nothing but one line of JSON to standard output`;

export interface Options {
	/** Official files, in the order in which they are imported; none for the sample. */
	readonly files: readonly string[];
	readonly rounds: number;
	readonly json: boolean;
}

const MOST_ROUNDS = 20;

/** @throws {TerminalError} with the usage, for what is not understood. */
export function readOptions(args: readonly string[]): Options {
	const { values, positionals } = parsed(args);
	const { sales = [], json } = values;
	if (positionals.length > 0 && sales.length === 0) throw new TerminalError(USAGE);
	const rounds = Number(values.rounds);
	if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
		throw new TerminalError(`--rounds cannot be "${values.rounds}"\n${USAGE}`);
	}
	return { files: [...sales, ...positionals], rounds, json };
}

function parsed(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				sales: { type: "string", multiple: true },
				rounds: { type: "string", default: "5" },
				json: { type: "boolean", default: false },
			},
		});
	} catch (error) {
		throw new TerminalError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
	}
}
