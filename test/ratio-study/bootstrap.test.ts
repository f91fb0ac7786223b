import { describe, expect, test } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { bootstrap } from "../../src/ratio-study/bootstrap.ts";
import { countedMean } from "../../src/ratio-study/counted.ts";

const random = createRandom(1);
const values = Float64Array.from({ length: 400 }, () => random.normal(10, 2));
const mean = (counts: Uint32Array) => ({ mean: countedMean(values, counts) });
const options = { resamples: 500, seed: 4 };

describe("a bootstrap", () => {
	test("gives the same intervals for one seed and others for another", () => {
		const first = bootstrap(400, mean, options);
		expect(bootstrap(400, mean, options)).toEqual(first);
		expect(bootstrap(400, mean, { ...options, seed: 5 })).not.toEqual(first);
	});

	test("draws as many as there are, some more than once", () => {
		bootstrap(
			400,
			(counts) => {
				expect(counts.reduce((sum, count) => sum + count, 0)).toBe(400);
				expect(Math.max(...counts)).toBeGreaterThan(1);
				return {};
			},
			{ resamples: 3, seed: 1 },
		);
	});

	test("finds of a mean what theory says of it: 1.96 standard errors to either side", () => {
		const [low, high] = bootstrap(400, mean, options).mean;
		const centre = countedMean(values, new Uint32Array(400).fill(1));
		const expected = (1.96 * 2) / Math.sqrt(400);
		expect(low).toBeWithin(centre - 1.25 * expected, centre - 0.75 * expected);
		expect(high).toBeWithin(centre + 0.75 * expected, centre + 1.25 * expected);
	});

	test("leaves out a fortieth of the resamples at either end", () => {
		let round = 0;
		const { place } = bootstrap(1, () => ({ place: round++ }), { resamples: 201, seed: 1 });
		expect(place[0]).toBeCloseTo(5, 9);
		expect(place[1]).toBeCloseTo(195, 9);
	});

	test("of widths without end is without end, and not NaN", () => {
		const { width } = bootstrap(1, () => ({ width: Number.POSITIVE_INFINITY }), { resamples: 10, seed: 1 });
		expect(width).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
	});
});
