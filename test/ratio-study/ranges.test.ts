import { expect, test } from "bun:test";
import { rangeMeasurer } from "../../src/ratio-study/ranges.ts";

const range = (low: number, high: number, price: number) => ({ estimate: 100, low, high, price });
const RANGES = [range(90, 110, 90), range(80, 120, 120), range(70, 150, 69.9), range(95, 105, 200)];

test("a price at either end of its range is in it", () => {
	expect(rangeMeasurer(RANGES)(Uint32Array.of(1, 1, 1, 1)).coverage80).toBe(0.5);
	expect(rangeMeasurer(RANGES)(Uint32Array.of(2, 1, 1, 0)).coverage80).toBe(0.75);
});

test("the half width is the median one, as a share of the estimate", () => {
	// 0.1, 0.2, 0.4, 0.05
	expect(rangeMeasurer(RANGES)(Uint32Array.of(1, 1, 1, 1)).half_width80).toBeCloseTo(0.15, 12);
	expect(rangeMeasurer(RANGES)(Uint32Array.of(0, 1, 2, 0)).half_width80).toBeCloseTo(0.4, 12);
});
