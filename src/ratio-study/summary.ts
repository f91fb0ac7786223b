import { type Bootstrap, bootstrap, type Interval } from "./bootstrap.ts";
import { type Measures, measurer } from "./measures.ts";
import { type RangeMeasures, rangeMeasurer } from "./ranges.ts";
import type { Case, Segment } from "./segments.ts";

/** Below so many sales, or so many that were valued, a group's measures are chance and are not given. */
export const MINIMUM_N = 30;

type Known<T> = { readonly [K in keyof T]: T[K] | null };

interface Counted {
	/** Sales in the segment, valued or not. */
	readonly n: number;
	/** The share of them that got a value, a fraction; the measures are those of these. */
	readonly valued_share: number | null;
}

export type FloorSummary = Counted & Known<Measures>;

/** One segment of the report, by the names that the JSON has. null is "not enough to say". */
export type SegmentSummary = FloorSummary &
	Known<RangeMeasures> & {
		readonly segment: string;
		/** 95 % percentile intervals of the bootstrap. */
		readonly intervals: Known<Record<keyof Measures | keyof RangeMeasures, Interval>>;
		readonly floors: Readonly<Record<string, FloorSummary>>;
	};

/** The names of the measures, in the report's order. */
const MEASURES = ["mdape", "ppe10", "ppe20", "median_ratio", "cod", "prd", "prb"] as const;
const RANGE_MEASURES = ["coverage80", "half_width80"] as const;

export function summarise(
	{ name, cases }: Segment,
	floors: readonly string[],
	options: Bootstrap,
): SegmentSummary {
	const ratios = cases.flatMap(({ price, outcome: { answer } }) =>
		answer ? [{ price, estimate: answer.estimate }] : [],
	);
	const ranges = cases.flatMap(({ price, outcome: { answer } }) =>
		answer && answer.low !== null ? [{ price, ...answer }] : [],
	);
	const accuracy = measured(MEASURES, ratios.length, () => measurer(ratios), options);
	const range = measured(RANGE_MEASURES, ranges.length, () => rangeMeasurer(ranges), options);
	return {
		segment: name,
		n: cases.length,
		...accuracy.measures,
		valued_share: share(ratios.length, cases.length),
		...range.measures,
		intervals: { ...accuracy.intervals, ...range.intervals },
		floors: Object.fromEntries(floors.map((floor, at) => [floor, summariseFloor(cases, at)])),
	};
}

function summariseFloor(cases: readonly Case[], at: number): FloorSummary {
	const ratios = cases.flatMap(({ price, outcome }) => {
		const estimate = outcome.floors[at] ?? null;
		return estimate === null ? [] : [{ price, estimate }];
	});
	const { measures } = measured(MEASURES, ratios.length, () => measurer(ratios));
	return { n: cases.length, ...measures, valued_share: share(ratios.length, cases.length) };
}

/** The measures of so many sales and their intervals, or nulls by the same names. */
function measured<K extends string>(
	names: readonly K[],
	count: number,
	prepare: () => (counts: Uint32Array) => Readonly<Record<K, number>>,
	options?: Bootstrap,
): { measures: Record<K, number | null>; intervals: Record<K, Interval | null> } {
	const byName = <T>(of: (name: K) => T) =>
		Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, T>;
	if (count < MINIMUM_N) return { measures: byName(() => null), intervals: byName(() => null) };
	const measure = prepare();
	const values = measure(new Uint32Array(count).fill(1));
	const intervals = options && bootstrap(count, measure, options);
	return {
		measures: byName((name) => rounded(values[name])),
		intervals: byName((name) => {
			const [low, high] = (intervals?.[name] ?? []).map(rounded);
			return low == null || high == null ? null : [low, high];
		}),
	};
}

function share(count: number, of: number): number | null {
	return of === 0 ? null : rounded(count / of);
}

/**
 * Six decimals are more than any measure is good for, and few enough that the last bits of a platform's logarithm do not
 * show. A range without end has no width that JSON could say.
 */
function rounded(value: number): number | null {
	return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
}
