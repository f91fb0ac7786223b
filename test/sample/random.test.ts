import { describe, expect, test } from "bun:test";
import { createRandom, weightedPicker } from "../../src/lib/random.ts";

const draws = (seed: number, stream?: number) => {
	const random = createRandom(seed, stream);
	return Array.from({ length: 5 }, () => random.next());
};

describe("seeded chance", () => {
	test("repeats itself for one seed, and differs by seed and by stream", () => {
		expect(draws(7)).toEqual(draws(7));
		expect(draws(7)).not.toEqual(draws(8));
		expect(draws(7, 1)).not.toEqual(draws(7, 2));
		expect(draws(2 ** 40 + 7)).not.toEqual(draws(7));
	});

	test("fills the unit interval evenly", () => {
		const random = createRandom(1);
		const tenths = new Array<number>(10).fill(0);
		for (let draw = 0; draw < 100_000; draw++) {
			const at = Math.floor(random.next() * 10);
			tenths[at] = (tenths[at] ?? 0) + 1;
		}
		for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
	});

	test("gives normal noise of the mean and spread asked for", () => {
		const random = createRandom(2);
		const values = Array.from({ length: 50_000 }, () => random.normal(3, 2));
		const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
		const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
		expect(mean).toBeCloseTo(3, 1);
		expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
	});

	test("gives whole numbers with both ends", () => {
		const random = createRandom(3);
		const seen = new Set(Array.from({ length: 500 }, () => random.integer(-1, 2)));
		expect([...seen].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
	});

	test("picks by weight and never what weighs nothing", () => {
		const pick = weightedPicker([
			["never", 0],
			["seldom", 1],
			["often", 3],
		] as const);
		expect([0, 0.24, 0.25, 0.9999].map(pick)).toEqual(["seldom", "seldom", "often", "often"]);
	});

	test("refuses to pick from nothing", () => {
		expect(() => weightedPicker([["never", 0]])).toThrow(RangeError);
		expect(() => createRandom(1).pick([])).toThrow(RangeError);
	});
});
