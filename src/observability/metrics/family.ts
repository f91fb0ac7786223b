import { BOUNDS_MS, EMPTY_HISTOGRAM, type HistogramSnapshot } from "../histogram.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
	readonly labels?: Labels;
	readonly value: number;
	/** Where it is not the family's: the parts of a histogram. */
	readonly metricName?: string;
}

/** All series of one name, worked out of `S` when somebody asks. */
export interface Family<S> {
	readonly name: string;
	readonly help: string;
	readonly type: "counter" | "gauge" | "histogram";
	samples(source: S): readonly Sample[];
}

export function counter<S>(name: string, help: string, samples: Family<S>["samples"]): Family<S> {
	return { name, help, type: "counter", samples };
}

/** Left out while it is undefined: a figure that nobody knows is none. */
export function gauge<S>(name: string, help: string, value: (source: S) => number | undefined): Family<S> {
	return {
		name,
		help,
		type: "gauge",
		samples(source) {
			const known = value(source);
			return known === undefined ? [] : [{ value: known }];
		},
	};
}

/** Seconds, one histogram for each set of labels. */
export function histogram<S>(
	name: string,
	help: string,
	of: (source: S) => readonly (readonly [Labels, HistogramSnapshot | undefined])[],
): Family<S> {
	return {
		name,
		help,
		type: "histogram",
		samples: (source) =>
			of(source).flatMap(([labels, snapshot]) => histogramSamples(name, labels, snapshot ?? EMPTY_HISTOGRAM)),
	};
}

/** The bounds as Prometheus wants them: seconds, without what division leaves behind the last digit. */
const BOUNDS = BOUNDS_MS.map((ms) => String(Number((ms / 1000).toPrecision(6))));

function histogramSamples(
	name: string,
	labels: Labels,
	{ count, sum, buckets }: HistogramSnapshot,
): Sample[] {
	let upTo = 0;
	const samples: Sample[] = BOUNDS.map((le, index) => {
		upTo += buckets[index] ?? 0;
		return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: upTo };
	});
	samples.push(
		{ metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
		{ metricName: `${name}_sum`, labels, value: sum / 1000 },
		{ metricName: `${name}_count`, labels, value: count },
	);
	return samples;
}

/** A series for each of the words, and for whatever else was counted. */
export function countsOf(
	words: readonly string[],
	counts: Readonly<Record<string, number>>,
	labels: (word: string) => Labels,
): Sample[] {
	return namesIn(words, counts).map((word) => ({ labels: labels(word), value: counts[word] ?? 0 }));
}

/** What is known from the start first, then what else there is. */
export function namesIn(known: readonly string[], counted: Readonly<Record<string, unknown>>): string[] {
	return [...new Set([...known, ...Object.keys(counted)])];
}
