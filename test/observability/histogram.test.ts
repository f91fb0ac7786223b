import { describe, expect, test } from "bun:test";
import { BOUNDS_MS, createHistogram, EMPTY_HISTOGRAM, quantile } from "../../src/observability/histogram.ts";

function histogramOf(...times: number[]) {
	const histogram = createHistogram();
	for (const ms of times) histogram.observe(ms);
	return histogram.snapshot();
}

describe("a histogram", () => {
	test("has bounds that rise by about the same factor, five to a decade", () => {
		for (const [index, bound] of BOUNDS_MS.entries()) {
			const before = BOUNDS_MS[index - 1];
			if (before === undefined) continue;
			expect(bound / before).toBeGreaterThan(1.55);
			expect(bound / before).toBeLessThan(1.65);
		}
		expect(BOUNDS_MS.at(-1)).toBeGreaterThan(15_000);
	});

	test("counts a time that is a bound below it, and what is above all bounds in one more bucket", () => {
		const { count, sum, buckets } = histogramOf(0.04, 0.041, 1, 1.01, 16_000, 16_001, 90_000);
		expect(count).toBe(7);
		expect(sum).toBe(122_003.091);
		const [one, last] = [BOUNDS_MS.indexOf(1), BOUNDS_MS.length - 1];
		expect(buckets).toEqual({ 0: 1, 1: 1, [one]: 1, [one + 1]: 1, [last]: 1, [last + 1]: 2 });
	});

	test("takes what is no time for none at all", () => {
		expect(histogramOf(Number.NaN, -5, 0)).toEqual({ count: 3, sum: 0, buckets: { 0: 3 } });
	});

	test("leaves empty buckets out and survives being sent as JSON", () => {
		const snapshot = histogramOf(3, 3, 300);
		expect(Object.keys(snapshot.buckets)).toHaveLength(2);
		expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
	});

	test("tells a quantile by its place in the bucket", () => {
		// 40 between 63 and 100, 60 between 100 and 160.
		const times = histogramOf(...Array(40).fill(80), ...Array(60).fill(120));
		expect(quantile(times, 0.2)).toBeCloseTo(63 + 37 / 2, 9);
		expect(quantile(times, 0.4)).toBeCloseTo(100, 9);
		expect(quantile(times, 0.7)).toBeCloseTo(100 + 60 / 2, 9);
		expect(quantile(times, 1)).toBeCloseTo(160, 9);
		expect(quantile(times, 0)).toBe(63);
	});

	test("is never further off than its buckets are wide", () => {
		const times = Array.from({ length: 1_000 }, (_, index) => 0.05 * 1.01 ** index);
		const snapshot = histogramOf(...times);
		for (const q of [0.01, 0.1, 0.5, 0.9, 0.95, 0.99]) {
			const exact = times[Math.ceil(q * times.length) - 1] as number;
			const told = quantile(snapshot, q) as number;
			expect(told / exact).toBeGreaterThan(1 / 1.65);
			expect(told / exact).toBeLessThan(1.65);
		}
	});

	test("tells nothing of nothing, and no more than its last bound of what is above it", () => {
		expect(quantile(EMPTY_HISTOGRAM, 0.5)).toBeUndefined();
		expect(quantile(histogramOf(99_000), 0.5)).toBe(16_000);
	});
});
