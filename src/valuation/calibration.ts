import { conformalQuantile } from "../learning/conformal.ts";
import type { Segment } from "./segment.ts";
import type { Support } from "./support.ts";

/** The share of true prices that the range is made to hold. */
export const TARGET_COVERAGE = 0.8;
/** That of one standard deviation of a normal distribution, which the FSD stands for. */
const ONE_DEVIATION = 0.6827;
/** Errors fewer than this are not told apart from those of a wider group. */
const ENOUGH = 100;
const CONFIDENCE_BINS = 5;

/** How good valuations of one kind have been out of time: on sales that were not learned from. */
export interface Calibration {
	/** null for all. */
	readonly segment: Segment | null;
	readonly support: Support | null;
	readonly n: number;
	/** Multiples of the expected error within which the target share, and one standard deviation's, of the prices lay. */
	readonly range: number;
	readonly deviation: number;
	/** The share of the later errors that a range made of the earlier ones would have held; null with too few of those. */
	readonly coverage: number | null;
	/** Shares of estimates within 10 % of the price, by how large the expected error was; ascending. */
	readonly within10: readonly { readonly upTo: number; readonly share: number; readonly n: number }[];
}

/** A past valuation: what error was expected of it, and which one it had. */
export interface PastError {
	readonly segment: Segment;
	readonly support: Support;
	/** ln(price / estimate) */
	readonly error: number;
	/** What `error` was expected to be about, above 0. */
	readonly expected: number;
	/** Whether it is one of the later half. */
	readonly late: boolean;
}

/**
 * A calibration for every kind of valuation with errors enough, and one for all. It is made of the later errors alone, as
 * markets are calm at one time and not at another.
 */
export function calibrate(errors: readonly PastError[]): Calibration[] {
	const groups = new Map<string, { segment: Segment | null; support: Support | null; errors: PastError[] }>();
	for (const error of errors) {
		for (const segment of [error.segment, null]) {
			for (const support of [error.support, null]) {
				const key = `${segment} ${support}`;
				const group = groups.get(key);
				if (group) group.errors.push(error);
				else groups.set(key, { segment, support, errors: [error] });
			}
		}
	}
	return [...groups.values()]
		.filter((group) => group.errors.filter(({ late }) => late).length >= ENOUGH)
		.map(({ segment, support, errors }) => ({ segment, support, ...calibrationOf(errors) }));
}

function calibrationOf(errors: readonly PastError[]) {
	const late = errors.filter((one) => one.late);
	const scores = late.map(scoreOf);
	const early = errors.filter((one) => !one.late).map(scoreOf);
	const formerRange = conformalQuantile(early, TARGET_COVERAGE);
	return {
		n: late.length,
		range: conformalQuantile(scores, TARGET_COVERAGE),
		deviation: conformalQuantile(scores, ONE_DEVIATION),
		coverage:
			early.length >= ENOUGH ? scores.filter((score) => score <= formerRange).length / scores.length : null,
		within10: within10(late),
	};
}

function scoreOf({ error, expected }: PastError): number {
	return Math.abs(error) / expected;
}

function within10(errors: readonly PastError[]): Calibration["within10"] {
	const sorted = [...errors].sort((left, right) => left.expected - right.expected);
	return Array.from({ length: CONFIDENCE_BINS }, (_, bin) => {
		const from = Math.floor((bin * sorted.length) / CONFIDENCE_BINS);
		const to = Math.floor(((bin + 1) * sorted.length) / CONFIDENCE_BINS);
		const inBin = sorted.slice(from, to);
		const close = inBin.filter(({ error }) => Math.abs(Math.expm1(-error)) <= 0.1).length;
		return { upTo: (sorted[to - 1] as PastError).expected, share: close / inBin.length, n: inBin.length };
	});
}

/** The most particular one there is. */
export function calibrationFor(
	list: readonly Calibration[],
	segment: Segment,
	support: Support,
): Calibration | undefined {
	const find = (of: Segment | null, by: Support | null) =>
		list.find((one) => one.segment === of && one.support === by);
	// Of types that are not learned the expected error is another measure: what was learned of homes says nothing of it.
	if (segment.startsWith("other-")) return find(segment, support) ?? find(segment, null);
	return find(segment, support) ?? find(null, support) ?? find(segment, null) ?? find(null, null);
}
