import { describe, expect, test } from "bun:test";
import { adjusted, adjustments, RateLearner } from "../../src/valuation/adjust.ts";
import { History } from "../../src/valuation/history.ts";
import { pickComparables } from "../../src/valuation/pick.ts";
import { byDay } from "../../src/valuation/training/training-set.ts";
import { madeMarket, madeSale, TODAY } from "./made-sales.ts";

describe("an adjustment", () => {
	const subject = { day: TODAY, logSize: Math.log(110), propertyType: "Flat", rooms: 1, ready: true };

	test("brings a sale to the subject's size and day", () => {
		const { size, time } = adjustments(madeSale(10_000, 60), subject, { size: -0.5, month: 0.02 });
		expect(size).toBeCloseTo(-0.5 * Math.log(1.1), 12);
		expect(time).toBeCloseTo(0.04, 12);
		const level = adjusted(madeSale(10_000, 60), subject, { size: -0.5, month: 0.02 });
		expect(Math.exp(level)).toBeCloseTo((10_000 * Math.exp(0.04)) / Math.sqrt(1.1), 6);
	});

	test("for time ends at half a year", () => {
		expect(adjustments(madeSale(10_000, 300), subject, { size: 0, month: 0.01 }).time).toBeCloseTo(0.06, 12);
	});
});

describe("the rates", () => {
	test("that a made-up market was made with are found again", () => {
		const learner = new RateLearner();
		const history = new History();
		for (const today of byDay(madeMarket({ perDay: 8, noise: 0.02 }))) {
			for (const sale of today) learner.learn(sale, pickComparables(sale, history.of(sale)).project);
			for (const sale of today) history.add(sale);
		}
		const { size, month } = learner.rates()["flat-ready"];
		expect(size).toBeWithin(-0.44, -0.36);
		expect(month).toBeWithin(0.007, 0.013);
	});

	test("before anything is learned are what is usual, and a handful of sales moves them little", () => {
		const learner = new RateLearner();
		expect(learner.rates()["flat-ready"]).toEqual({ size: -0.3, month: 0 });
		learner.learn(madeSale(20_000, 0), [madeSale(10_000, 30, { sizeSqm: 99 })]);
		const { size, month } = learner.rates()["flat-ready"];
		expect(Math.abs(size + 0.3)).toBeLessThan(0.05);
		expect(Math.abs(month)).toBeLessThan(0.002);
	});

	test("are not learned from pairs that differ in rooms, status or much in size", () => {
		const learner = new RateLearner();
		const unlike = [{ rooms: 2 }, { ready: false }, { sizeSqm: 140 }].map((given) =>
			madeSale(20_000, 30, given),
		);
		learner.learn(madeSale(10_000, 0), unlike);
		expect(learner.rates()["flat-ready"]).toEqual({ size: -0.3, month: 0 });
	});
});
