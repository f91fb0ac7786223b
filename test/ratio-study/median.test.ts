import { describe, expect, test } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { median, medianInPlace } from "../../src/ratio-study/median.ts";

describe("a median", () => {
	test.each([
		["the only value", [7], 7],
		["the middle one of an odd number", [9, 1, 5], 5],
		["halfway between the middle two of an even number", [10, 1, 4, 2], 3],
		["that of equal ones", [2, 2, 2, 2], 2],
		["between equal and different ones", [1, 3, 3, 1], 2],
	])("is %s", (_, values, expected) => {
		expect(median(values)).toBe(expected);
	});

	test("is what sorting gives, for whatever values", () => {
		const random = createRandom(3);
		for (let round = 0; round < 500; round += 1) {
			const values = Array.from({ length: random.integer(1, 40) }, () => random.integer(0, 15));
			const sorted = values.toSorted((left, right) => left - right);
			const half = (sorted.length - 1) / 2;
			const expected = ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
			expect(median(values)).toBe(expected);
			expect(medianInPlace(Float64Array.from(values))).toBe(expected);
		}
	});

	test("leaves the values in their order", () => {
		const values = Float64Array.of(3, 1, 2);
		median(values);
		expect([...values]).toEqual([3, 1, 2]);
	});

	test("of nothing does not exist", () => {
		expect(() => median([])).toThrow(RangeError);
	});
});
