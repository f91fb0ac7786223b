import type { Call } from "./open-loop.ts";

/** How long some callers waited, milliseconds; zeros where there were none. */
export interface Waits {
	readonly p50: number;
	readonly p99: number;
	readonly longest: number;
	/** How many had no answer, or not the right one. They count among the others with the time that they waited. */
	readonly errors: number;
}

/** Of those who waited at some time within the two instants. */
export function waitsBetween(calls: readonly Call[], from: number, to: number): Waits {
	return waitsOf(calls.filter(({ dueAt, endedAt }) => endedAt >= from && dueAt <= to));
}

export function waitsOf(calls: readonly Call[]): Waits {
	const waited = calls.map(({ dueAt, endedAt }) => endedAt - dueAt).sort((left, right) => left - right);
	return {
		p50: percentile(waited, 0.5),
		p99: percentile(waited, 0.99),
		longest: waited.at(-1) ?? 0,
		errors: calls.filter(({ failed }) => failed).length,
	};
}

/**
 * The smallest of the values which at least that share of them does not exceed (nearest rank); 0 of none.
 *
 * @param sorted from the smallest on
 */
export function percentile(sorted: readonly number[], share: number): number {
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
