import { describe, expect, test } from "bun:test";
import { ascending, effectiveCount, weightedQuantile } from "../src/lib/weighted.ts";

function weighed(...items: [value: number, weight: number][]) {
	const values = Float64Array.from(items, ([value]) => value);
	return { values, weights: Float64Array.from(items, ([, weight]) => weight), order: ascending(values) };
}

describe("a weighted quantile", () => {
	test("of equal weights is the ordinary median, also between two values", () => {
		expect(weightedQuantile(weighed([5, 2], [1, 2], [3, 2]), 0.5)).toBe(3);
		expect(weightedQuantile(weighed([4, 1], [1, 1], [3, 1], [2, 1]), 0.5)).toBe(2.5);
	});

	test("goes in a straight line between the middles of the weights", () => {
		// Middles at 0.5, 2.5, 4.5 of 5: half of it is 2.5, a fifth is 1.
		const three = weighed([10, 1], [20, 3], [30, 1]);
		expect(weightedQuantile(three, 0.5)).toBe(20);
		expect(weightedQuantile(three, 0.2)).toBe(12.5);
		expect(weightedQuantile(three, 0.7)).toBe(25);
	});

	test("is the first or the last value beyond their middles", () => {
		const two = weighed([10, 1], [20, 1]);
		expect(weightedQuantile(two, 0.1)).toBe(10);
		expect(weightedQuantile(two, 0.9)).toBe(20);
	});

	test("passes over what has no weight", () => {
		expect(weightedQuantile(weighed([1, 0], [2, 1], [3, 0]), 0.5)).toBe(2);
	});

	test("does not exist where nothing has any", () => {
		expect(weightedQuantile(weighed(), 0.5)).toBeNaN();
		expect(weightedQuantile(weighed([1, 0]), 0.5)).toBeNaN();
	});
});

test("as many equal ones would say as much: 4 of one weight, 1.22 of one against ten times", () => {
	expect(effectiveCount(Float64Array.of(2, 2, 2, 2))).toBe(4);
	// (1 + 10)^2 / (1 + 100) = 1.198
	expect(effectiveCount(Float64Array.of(1, 10))).toBeCloseTo(121 / 101, 12);
	expect(effectiveCount(new Float64Array(0))).toBe(0);
});
