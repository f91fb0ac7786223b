import { parseArgs } from "node:util";
import { TerminalError } from "../src/cli/terminal.ts";
import { type Case, cases } from "./cases.ts";
import { type Goal, goals } from "./goals.ts";
import type { Scenario } from "./scenario.ts";

export const USAGE = `bun run bench [OPTION...]
  --only NAME     a part (memory, redis, signed-in, cold, frozen, killed, routes, mix, full), a case or a goal,
                  or some words of its name; may be given several times
  --full          the whole matrix of cases besides what the goals need
  --rounds N      default 7
  --seconds S     for each case in each round, in turns of one second, default 3
  --seed N        order of the rounds and what is drawn, default 1
  --data FOLDER   the Dubai Land Department's files, else DLD_DATA_DIR
  --load NAME     wrk or bundled; default wrk where it is installed
  --json          prints nothing but one line of JSON to standard output`;

export interface Options {
	readonly only: readonly string[];
	readonly full: boolean;
	readonly rounds: number;
	readonly seconds: number;
	readonly seed: number;
	readonly dataFolder: string | undefined;
	readonly load: "wrk" | "bundled" | undefined;
	readonly json: boolean;
}

/** @throws {TerminalError} with the usage, for what is not understood. */
export function readOptions(args: readonly string[], env: Record<string, string | undefined>): Options {
	const { load, ...values } = parsed(args);
	if (load !== undefined && load !== "wrk" && load !== "bundled") {
		throw new TerminalError(`--load must be wrk or bundled\n${USAGE}`);
	}
	return {
		only: values.only,
		full: values.full,
		rounds: numberOf("--rounds", values.rounds, (n) => Number.isInteger(n) && n >= 1 && n <= 1_000),
		seconds: numberOf("--seconds", values.seconds, (n) => n >= 1 && n <= 600 && Number.isInteger(n)),
		seed: numberOf("--seed", values.seed, Number.isSafeInteger),
		dataFolder: values.data ?? (env["DLD_DATA_DIR"] || undefined),
		load,
		json: values.json,
	};
}

function parsed(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				only: { type: "string", multiple: true, default: [] },
				full: { type: "boolean", default: false },
				rounds: { type: "string", default: "7" },
				seconds: { type: "string", default: "3" },
				seed: { type: "string", default: "1" },
				data: { type: "string" },
				load: { type: "string" },
				json: { type: "boolean", default: false },
			},
		}).values;
	} catch (error) {
		throw new TerminalError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
	}
}

function numberOf(option: string, text: string, isGood: (n: number) => boolean): number {
	const value = Number(text);
	if (text.trim() !== "" && isGood(value)) return value;
	throw new TerminalError(`${option} cannot be "${text}"\n${USAGE}`);
}

/** What is to be measured. */
export interface Plan {
	readonly cases: readonly Case[];
	readonly scenarios: readonly Scenario[];
}

/**
 * Everything that was named; a goal stands for the cases or the scenario that it is measured by. Without names, what
 * the goals need.
 *
 * @throws {TerminalError} for a name that nothing has.
 */
export function planOf({ only, full }: Options, scenarios: readonly Scenario[]): Plan {
	if (only.length === 0) {
		return { cases: cases.filter(({ part }) => full || part !== "full"), scenarios };
	}
	const plans = only.map((name) => namedPlan(name, scenarios));
	return {
		cases: cases.filter((one) => plans.some((plan) => plan.cases.includes(one))),
		scenarios: scenarios.filter((one) => plans.some((plan) => plan.scenarios.includes(one))),
	};
}

function namedPlan(name: string, scenarios: readonly Scenario[]): Plan {
	const isPart = [...cases, ...scenarios].some(({ part }) => part === name);
	const isNamed = (one: { name?: string; part: string }) =>
		isPart ? one.part === name : (one.name ?? "").toLowerCase().includes(name.toLowerCase());
	const meant = isPart ? [] : goals.filter(isNamed);
	const plan = {
		cases: cases.filter((one) => isNamed(one) || meant.some((goal) => needs(goal, one))),
		scenarios: scenarios.filter((one) => isNamed(one) || meant.some(({ part }) => part === one.part)),
	};
	if (plan.cases.length + plan.scenarios.length > 0) return plan;
	throw new TerminalError(`There is no part, case or goal "${name}"\n${USAGE}`);
}

function needs({ from }: Goal, { name }: Case): boolean {
	return "of" in from && (from.of === name || from.against === name);
}
