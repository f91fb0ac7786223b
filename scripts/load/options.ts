import { parseArgs } from "node:util";
import { TerminalError } from "../../src/cli/terminal.ts";

export const USAGE =
	"npm run load [-- --users 500 --seconds 60 --every 2.5 --instances 1,3 --subjects 2000 --quick]";

export interface LoadOptions {
	readonly users: number;
	/** Of each run. */
	readonly seconds: number;
	/**
	 * Milliseconds from one request of a user to the next, in the mean. 500 users then ask 200 times a second: what two cores can
	 * work out also while there is no cache at all, the generator beside them.
	 */
	readonly everyMs: number;
	/** A run for each number of instances. */
	readonly instances: readonly number[];
	/** Different properties that are asked for. */
	readonly subjects: number;
	/** Only the run with the faults, as short as it can be. */
	readonly quick: boolean;
}

/** @throws {TerminalError} with the usage */
export function loadOptions(args: readonly string[]): LoadOptions {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				users: { type: "string" },
				seconds: { type: "string", default: "60" },
				every: { type: "string" },
				instances: { type: "string" },
				subjects: { type: "string" },
				quick: { type: "boolean", default: false },
			},
		});
		const { quick } = values;
		return {
			users: positive(values.users ?? (quick ? "100" : "500")),
			seconds: positive(values.seconds),
			everyMs: positive(values.every ?? (quick ? "1" : "2.5")) * 1000,
			instances: (values.instances ?? (quick ? "3" : "1,3")).split(",").map(positive),
			subjects: positive(values.subjects ?? (quick ? "300" : "2000")),
			quick,
		};
	} catch (error) {
		throw new TerminalError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
	}
}

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new RangeError(`"${text}" has to be a number above 0`);
	return value;
}
