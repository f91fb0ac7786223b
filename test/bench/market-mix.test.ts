import { describe, expect, test } from "bun:test";
import { begunAt, mixOrder } from "../../bench/market/mix-order.ts";
import { zipf } from "../../bench/market/zipf.ts";

describe("draws by Zipf's law", () => {
	test("give each rank its part of the unit interval, the first the largest", () => {
		const draw = zipf(3, 1);
		// 1 + 1/2 + 1/3 = 11/6: the parts are 6/11, 3/11 and 2/11.
		expect([0, 0.545, 0.546, 0.818, 0.819, 0.999].map(draw)).toEqual([0, 0, 1, 1, 2, 2]);
	});

	test("with the exponent 0 make all ranks alike", () => {
		const draw = zipf(4, 0);
		expect([0.1, 0.3, 0.6, 0.9].map(draw)).toEqual([0, 1, 2, 3]);
	});

	test("of nothing are refused", () => {
		expect(() => zipf(0, 1)).toThrow(RangeError);
	});
});

describe("the order of the mix", () => {
	const variety = { areas: 3, types: 3, valuations: 1_000 };
	const order = mixOrder(variety, 20_000, 5);
	const share = (low: number, high: number) =>
		order.filter((index) => index >= low && index < high).length / order.length;

	test("asks for one list of areas, one of types and eight valuations in ten", () => {
		expect(share(0, 3)).toBeCloseTo(0.1, 2);
		expect(share(3, 6)).toBeCloseTo(0.1, 2);
		expect(share(6, 1_006)).toBeCloseTo(0.8, 2);
	});

	test("asks for all lists alike and for the first subject most", () => {
		for (let list = 0; list < 6; list += 1) expect(share(list, list + 1)).toBeCloseTo(0.1 / 3, 2);
		// The first of 1,000 has 1 / 7.485 of the valuations.
		expect(share(6, 7)).toBeCloseTo(0.8 / 7.485, 2);
	});

	test("is the same for the same seed, and another for another", () => {
		expect(mixOrder(variety, 100, 5)).toEqual(order.slice(0, 100));
		expect(mixOrder(variety, 100, 6)).not.toEqual(order.slice(0, 100));
	});

	test("can begin anywhere, and holds the same then", () => {
		expect(begunAt([1, 2, 3, 4], 6)).toEqual([3, 4, 1, 2]);
		expect(begunAt([], 6)).toEqual([]);
	});
});
