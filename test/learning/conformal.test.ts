import { describe, expect, test } from "bun:test";
import { conformalQuantile } from "../../src/learning/conformal.ts";
import { createRandom } from "../../src/lib/random.ts";

function upTo(count: number): number[] {
	return Array.from({ length: count }, (_, index) => index + 1).reverse();
}

describe("a conformal quantile", () => {
	test.each([
		[9, 0.8, 8],
		[4, 0.8, 4],
		[5, 0.8, 5],
		[3, 0.8, Number.POSITIVE_INFINITY],
		[0, 0.8, Number.POSITIVE_INFINITY],
		[9, 0.7, 7],
		[1, 0.5, 1],
	])("of %d scores at %d is the %d-th smallest", (count, coverage, expected) => {
		expect(conformalQuantile(upTo(count), coverage)).toBe(expected);
	});

	test("is not pushed over by a product's last bits", () => {
		expect(100 * 0.55).toBeGreaterThan(55);
		expect(conformalQuantile(upTo(99), 0.55)).toBe(55);
		for (let percent = 1; percent < 100; percent += 1) {
			expect(conformalQuantile(upTo(99), percent / 100)).toBe(percent);
			expect(conformalQuantile(upTo(99_999), percent / 100)).toBe(1_000 * percent);
		}
	});

	test("covers a new score as often as it says", () => {
		const random = createRandom(11);
		let covered = 0;
		for (let round = 0; round < 4_000; round += 1) {
			const scores = Array.from({ length: 19 }, () => random.next() ** 3);
			if (random.next() ** 3 <= conformalQuantile(scores, 0.8)) covered += 1;
		}
		expect(covered / 4_000).toBeCloseTo(0.8, 1);
		expect(Math.abs(covered / 4_000 - 0.8)).toBeLessThan(0.025);
	});

	test("leaves the scores in their order", () => {
		const scores = [3, 1, 2];
		conformalQuantile(scores, 0.5);
		expect(scores).toEqual([3, 1, 2]);
	});

	test.each([0, 1, -0.1, Number.NaN])("does not exist at a coverage of %d", (coverage) => {
		expect(() => conformalQuantile([1, 2], coverage)).toThrow(RangeError);
	});

	test("does not exist for a score that is not a number", () => {
		expect(() => conformalQuantile([1, Number.NaN], 0.5)).toThrow(RangeError);
	});
});
