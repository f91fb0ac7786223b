import type { Row, ScenarioResult } from "../scenario.ts";
import { medianOf, overRounds } from "./figures.ts";
import type { Window } from "./windows.ts";

/** What was measured of one server in one state. */
export interface Measured {
	readonly windows: readonly Window[];
	/** Share of hits among answers that were read in full afterwards, 0..1. */
	readonly hits: number;
}

/** Each state of the cache, by what its row and its figures are called; `off` in rounds together with the first. Savings in %. */
export function mixResult(off: Measured, cached: Readonly<Record<string, Measured>>): ScenarioResult {
	const rows = [rowOf("cache off", off, off)];
	const figures: Record<string, number> = {};
	for (const [state, measured] of Object.entries(cached)) {
		rows.push(rowOf(`cache on, ${state}`, measured, off));
		figures[`mix: database queries saved, ${state}`] = 100 * medianOf(savings(measured, off));
		figures[`mix: capacity, ${state}`] = medianOf(capacities(measured, off));
	}
	return { rows, figures };
}

function rowOf(name: string, of: Measured, off: Measured): Row {
	const over = (pick: (window: Window) => number, unit?: string) => overRounds(of.windows.map(pick), unit);
	return {
		name,
		figures: {
			"requests/s": over((window) => window.requestsPerSecond),
			p50: over((window) => window.p50Ms, "ms"),
			p99: over((window) => window.p99Ms, "ms"),
			"queries per 1,000 requests": over((window) => 1000 * window.queries),
			"queries saved": overRounds(
				savings(of, off).map((share) => 100 * share),
				"%",
			),
			"hits in a sample": { value: 100 * of.hits, unit: "%" },
			"requests/s / cache off": overRounds(capacities(of, off), "x"),
		},
	};
}

function savings(of: Measured, off: Measured): number[] {
	return against(of, off, (window) => window.queries).map((ratio) => 1 - ratio);
}

function capacities(of: Measured, off: Measured): number[] {
	return against(of, off, (window) => window.requestsPerSecond);
}

/** Within rounds where there were as many; what was measured alone, against the median. */
function against(of: Measured, off: Measured, pick: (window: Window) => number): number[] {
	const median = medianOf(off.windows.map(pick));
	const inRounds = of.windows.length === off.windows.length;
	return of.windows.map((window, round) => {
		const beside = inRounds ? off.windows[round] : undefined;
		return pick(window) / (beside ? pick(beside) : median);
	});
}
