import type { Estimate } from "./estimate.ts";

export interface Contribution {
	/** `comparables`, then what was learned beyond them, by what it was learned from. */
	readonly from: string;
	/** AED. */
	readonly amount: number;
}

/**
 * The estimate step by step: what the comparables indicate, then each departure from it, in whole dirhams that sum to the
 * estimate.
 *
 * @param value the estimate as it is given, AED
 */
export function contributionsTo(
	{ indication, departures, subject }: Estimate,
	value: number,
): Contribution[] {
	const steps = [{ from: "comparables", amount: Math.exp(indication.level + subject.logSize) }];
	let level = indication.level + subject.logSize;
	for (const { from, by } of departures) {
		steps.push({ from, amount: Math.exp(level + by) - Math.exp(level) });
		level += by;
	}
	const rounded = steps.map(({ from, amount }) => ({ from, amount: Math.round(amount) }));
	const sum = rounded.reduce((total, { amount }) => total + amount, 0);
	return [...rounded, { from: "rounding", amount: value - sum }];
}
