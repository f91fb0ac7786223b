import { weightedPicker } from "../../src/lib/random.ts";

/**
 * Draws ranks from 0 to `count - 1`, the rank r with a probability in proportion to 1 / (r + 1) ** exponent: a few are
 * asked for all the time, most hardly ever.
 *
 * @returns the rank for a draw in [0, 1)
 */
export function zipf(count: number, exponent: number): (draw: number) => number {
	return weightedPicker(
		Array.from({ length: count }, (_, rank) => [rank, 1 / (rank + 1) ** exponent] as const),
	);
}
