import type { Goal } from "./goals.ts";
import { ratioSpread, type Spread } from "./measure/spread.ts";
import type { Throughput } from "./throughput.ts";

/** What was measured, by name. */
export interface Results extends Throughput {
	/** Of the scenarios. */
	readonly figures: ReadonlyMap<string, number>;
}

export interface Verdict {
	readonly goal: Goal;
	/** Null where it could not be measured. */
	readonly value: number | null;
	readonly spread?: Spread;
	readonly met: boolean;
	/** Why there is no value. */
	readonly missing?: string;
}

/** Holds a goal to what was measured; undefined where nobody tried to. */
export function judge(goal: Goal, results: Results): Verdict | undefined {
	if ("figure" in goal.from) {
		const value = results.figures.get(goal.from.figure);
		return value === undefined ? undefined : { goal, value, met: isMet(goal, value) };
	}
	const { of, against, measure } = goal.from;
	const lacking = [of, against].find((name) => results.missing.has(name));
	if (lacking !== undefined) {
		return {
			goal,
			value: null,
			met: false,
			missing: `"${lacking}" is missing: ${results.missing.get(lacking)}`,
		};
	}
	const spread = ratioSpread(seriesOf(results, of, measure), seriesOf(results, against, measure));
	return spread && { goal, value: spread.median, spread, met: isMet(goal, spread.median) };
}

/** Round -> figure of one case. */
export function seriesOf(
	{ measured }: Throughput,
	name: string,
	measure: "cpu" | "rate",
): Map<number, number> {
	const rounds = measured.get(name) ?? new Map();
	return new Map(
		[...rounds].map(([round, one]) => [round, measure === "cpu" ? one.cpuUs : one.requestsPerSecond]),
	);
}

function isMet({ relation, goal }: Goal, value: number): boolean {
	return relation === "<=" ? value <= goal : value >= goal;
}
