import { describe, expect, test } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { measure, measurer, type Ratio } from "../../src/ratio-study/measures.ts";

function at(price: number, ...ratios: number[]): Ratio[] {
	return ratios.map((ratio) => ({ price, estimate: price * ratio }));
}

describe("the measures, worked out by hand", () => {
	const five = measure([90, 100, 110, 95, 105].map((estimate) => ({ estimate, price: 100 })));

	test("COD: the mean distance 0.3 / 5 from the median ratio 1 is 6 %", () => {
		expect(five.median_ratio).toBe(1);
		expect(five.cod).toBeCloseTo(6, 12);
	});

	test("COD is relative to the median ratio, so that the level does not matter", () => {
		expect(measure(at(100, 1.8, 2, 2.2, 1.9, 2.1)).cod).toBeCloseTo(6, 12);
	});

	test("PRD: at one price for all it is 1", () => {
		expect(five.prd).toBeCloseTo(1, 12);
	});

	test("PRD: 100 at 1.2 and 300 at 0.8 have the mean 1 and the weighted mean 360 / 400", () => {
		expect(measure([...at(100, 1.2), ...at(300, 0.8)]).prd).toBeCloseTo(1 / 0.9, 12);
	});

	test("PRB: values 64, 128 and 256 at 1.1, 1 and 0.9 lose a tenth of the median ratio with each doubling", () => {
		// The value is halfway between price and estimate, and so it is 64 when the price is 64 / 1.05.
		const ratios = [...at(64 / 1.05, 1.1), ...at(128, 1), ...at(256 / 0.95, 0.9)];
		expect(measure(ratios).prb).toBeCloseTo(-0.1, 12);
	});

	test("PRB: prices 64, 128 and 256 at these ratios are a little nearer to each other in value", () => {
		// Values 67.2, 128, 243.2; x = log2 of them = 6.070389, 7, 7.925999, mean 6.998796; y = 0.1, 0, -0.1.
		// Slope = (0.1 * -0.928407 - 0.1 * 0.927203) / (0.861940 + 0.000001 + 0.859705) = -0.185561 / 1.721646.
		const ratios = [...at(64, 1.1), ...at(128, 1), ...at(256, 0.9)];
		expect(measure(ratios).prb).toBeCloseTo(-0.107781, 5);
	});

	test("PRB: estimates at another level have the same bias", () => {
		const ratios = [...at(64 / 1.05, 2.2), ...at(128, 2), ...at(256 / 0.95, 1.8)];
		expect(measure(ratios).prb).toBeCloseTo(-0.1, 12);
	});

	test("PRB: where all have one value there is none", () => {
		expect(measure(at(100, 1, 1, 1)).prb).toBe(0);
	});

	test("MdAPE: the middle one of an odd number of errors, halfway between two of an even number", () => {
		expect(five.mdape).toBe(0.05);
		expect(measure([98, 104, 110, 150].map((estimate) => ({ estimate, price: 100 }))).mdape).toBeCloseTo(
			0.07,
			12,
		);
	});

	test("PPE: 110 for 100 is within 10 %, and 120 for 100 within 20 %", () => {
		const { ppe10, ppe20 } = measure(
			[90, 110, 111, 120, 121, 79].map((estimate) => ({ estimate, price: 100 })),
		);
		expect(ppe10).toBeCloseTo(2 / 6, 12);
		expect(ppe20).toBeCloseTo(4 / 6, 12);
	});

	test("PPE: a tenth off is within 10 % at every price, which 1 - ratio would not always say", () => {
		const prices = Array.from({ length: 2_000 }, (_, index) => 10 * (index + 10_000));
		expect(measure(prices.map((price) => ({ price, estimate: price + price / 10 }))).ppe10).toBe(1);
		expect(measure(prices.map((price) => ({ price, estimate: price + price / 5 }))).ppe20).toBe(1);
		expect(prices.some((price) => (price + price / 10) / price - 1 > 0.1)).toBe(true);
	});

	test("of nothing do not exist", () => {
		expect(() => measure([])).toThrow(RangeError);
	});
});

describe("the measures of a resample", () => {
	test("are those of each sale written down as often as it was drawn", () => {
		const random = createRandom(5);
		for (let round = 0; round < 50; round += 1) {
			const ratios = Array.from({ length: random.integer(3, 30) }, () => ({
				price: random.integer(50, 500),
				estimate: random.integer(50, 500),
			}));
			const counts = Uint32Array.from(ratios, () => random.integer(0, 3));
			counts[0] = 1;
			const drawn = ratios.flatMap((ratio, index) => Array<Ratio>(counts[index] ?? 0).fill(ratio));
			const counted = Object.entries(measurer(ratios)(counts));
			const written = measure(drawn);
			expect(counted.length).toBe(7);
			for (const [name, value] of counted)
				expect(value).toBeCloseTo(written[name as keyof typeof written], 9);
		}
	});
});
