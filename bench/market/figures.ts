import { type Spread, spreadOf } from "../measure/spread.ts";
import type { Figure } from "../scenario.ts";

/** What the rounds gave, as a figure: the median with the smallest and the largest. */
export function overRounds(values: readonly number[], unit?: string): Figure {
	const { median, min, max }: Spread = spreadOf(values);
	return { value: median, min, max, ...(unit !== undefined && { unit }) };
}

export function medianOf(values: readonly number[]): number {
	return spreadOf(values).median;
}
