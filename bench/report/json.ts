import { spreadOf } from "../measure/spread.ts";
import type { ScenarioResult } from "../scenario.ts";
import type { Throughput } from "../throughput.ts";
import type { Verdict } from "../verdict.ts";

/** What the machine and the run were. */
export interface RunFacts {
	readonly date: string;
	readonly machine: string;
	readonly bun: string;
	readonly load: string;
	readonly rounds: number;
	readonly seconds: number;
	readonly seed: number;
}

/** Everything that was seen, as one plain object. */
export function jsonReport(
	run: RunFacts,
	verdicts: readonly Verdict[],
	throughput: Throughput,
	scenarios: ReadonlyMap<string, ScenarioResult>,
): object {
	return {
		run,
		goals: verdicts.map(({ goal, value, spread, met, missing }) => ({
			name: goal.name,
			value,
			goal: goal.goal,
			relation: goal.relation,
			unit: goal.unit,
			met,
			...(goal.stretch !== undefined && { stretch: goal.stretch }),
			...(spread && { min: spread.min, max: spread.max }),
			...(missing !== undefined && { missing }),
		})),
		cases: [
			...[...throughput.measured].map(([name, rounds]) => ({ name, ...summary([...rounds.values()]) })),
			...[...throughput.missing].map(([name, missing]) => ({ name, missing })),
			...[...scenarios].flatMap(([part, { rows }]) =>
				rows.map((row) => ({ part, ...row, name: `${part}: ${row.name}` })),
			),
		],
	};
}

function summary(rounds: readonly object[]): object {
	const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
	return Object.fromEntries(
		names.map((name) => {
			const values = rounds.map((round) => (round as Record<string, number | undefined>)[name]);
			return [name, spreadOf(values.filter((value) => value !== undefined))];
		}),
	);
}
