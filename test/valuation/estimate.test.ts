import { beforeAll, describe, expect, test } from "bun:test";
import { contributionsTo } from "../../src/valuation/contributions.ts";
import { type Asked, type Estimate, estimate, type TooLittle } from "../../src/valuation/estimate.ts";
import { History } from "../../src/valuation/history.ts";
import type { Model } from "../../src/valuation/model.ts";
import { decodeModel, encodeModel } from "../../src/valuation/model-codec.ts";
import { trainModel } from "../../src/valuation/training/train.ts";
import { madeMarket, madeSale, TODAY } from "./made-sales.ts";

const ASKED: Asked = {
	day: TODAY,
	logSize: Math.log(100),
	propertyType: "Flat",
	rooms: 1,
	ready: true,
	namesProject: false,
};

function given(result: Estimate | TooLittle): Estimate {
	if (!("level" in result)) throw new Error(`there was too little evidence: ${result.comparablesFound}`);
	return result;
}

const perSqm = (result: Estimate | TooLittle) => Math.exp(given(result).level);
const ofArea = (...area: ReturnType<typeof madeSale>[]) => ({ project: [], area });

describe("an estimate before any model was trained", () => {
	const near = [100, 101, 102, 103, 104, 105].map((level, index) => madeSale(level * 100, 6 - index));

	test("is the weighted median of the comparables", () => {
		expect(perSqm(estimate(ASKED, ofArea(...near), undefined))).toBeWithin(10_200, 10_350);
	});

	test.each([
		["older", (level: number) => madeSale(level, 200)],
		["of another size", (level: number) => madeSale(level, 1, { sizeSqm: 120 })],
		["of another number of rooms", (level: number) => madeSale(level, 1, { rooms: 3, sizeSqm: 110 })],
		["of another status", (level: number) => madeSale(level, 1, { ready: false })],
	])("hardly moves for sales that are %s", (_, make) => {
		const levels = [200, 201, 202, 203].map((level) => level * 100);
		const sales = [...levels.map(make), ...near].sort((left, right) => left.day - right.day);
		expect(perSqm(estimate(ASKED, ofArea(...sales), undefined))).toBeLessThan(10_600);
		const equal = levels.flatMap((level) => [madeSale(level, 1), madeSale(level, 1)]);
		expect(perSqm(estimate(ASKED, ofArea(...near, ...equal), undefined))).toBeGreaterThan(11_000);
	});

	test("follows the project's own sales where there are any, and else the area's", () => {
		const own = Array.from({ length: 5 }, () => madeSale(20_000, 2, { projectId: 7 }));
		const asked = { ...ASKED, namesProject: true };
		const known = estimate(asked, { project: own, area: near }, undefined);
		expect(given(known)).toMatchObject({ support: "project", indication: { scope: "project" } });
		expect(perSqm(known)).toBeCloseTo(20_000, 6);
		const unseen = estimate(asked, ofArea(...near), undefined);
		expect(given(unseen)).toMatchObject({ support: "new-project", indication: { scope: "area" } });
		expect(given(estimate(ASKED, ofArea(...near), undefined)).support).toBe("area");
	});

	test("is not given on fewer than five sales", () => {
		expect(estimate(ASKED, ofArea(...near.slice(0, 4)), undefined)).toEqual({ comparablesFound: 4 });
		expect(estimate(ASKED, ofArea(), undefined)).toEqual({ comparablesFound: 0 });
		expect(estimate(ASKED, ofArea(...near.slice(0, 5)), undefined)).toHaveProperty("level");
	});

	test("counts a sale once that is both the project's and the area's", () => {
		const own = [3, 2, 1].map((ago) => madeSale(20_000, ago, { projectId: 7 }));
		expect(estimate(ASKED, { project: own, area: own }, undefined)).toEqual({ comparablesFound: 3 });
	});

	test("takes status and rooms that are not given from the sales nearest in size, and says so", () => {
		const offPlan = [6, 5, 4, 3].map((ago) => madeSale(15_000, ago, { ready: false, rooms: 2 }));
		const sales = ofArea(...offPlan, ...near.slice(4));
		const result = given(estimate({ ...ASKED, ready: null, rooms: null }, sales, undefined));
		expect(result).toMatchObject({
			subject: { ready: false, rooms: 2 },
			assumed: ["development_status", "bedrooms"],
			segment: "flat-off-plan",
		});
		expect(given(estimate(ASKED, sales, undefined)).assumed).toEqual([]);
	});
});

describe("a trained model", () => {
	const market = madeMarket({ days: 300, perDay: 10 });
	let model: Model;
	const history = new History();
	beforeAll(() => {
		model = trainModel(market, { version: "of-the-test" });
		for (const sale of market) history.add(sale);
	});
	const inProject = (projectId: number, sizeSqm: number, rooms: number) => {
		const asked = { ...ASKED, logSize: Math.log(sizeSqm), rooms, namesProject: true };
		const areaId = 1 + ((projectId - 1) % 3);
		return given(estimate(asked, history.of({ propertyType: "Flat", areaId, projectId }), model));
	};

	test("values a home that no two sales agree on within 3 % of what its market was made with", () => {
		for (const [projectId, sizeSqm, rooms] of [
			[1, 70, 1],
			[5, 108, 2],
			[10, 41, 0],
		] as const) {
			const truth = (20_000 + 1_000 * (projectId - 1)) * (sizeSqm / 70) ** -0.4;
			expect(perSqm(inProject(projectId, sizeSqm, rooms)) / truth).toBeWithin(0.97, 1.03);
		}
	});

	test("expects about the error that its market was made with, and a range that holds eight of ten", () => {
		const { expectedError, calibration } = inProject(5, 108, 2);
		if (!calibration) throw new Error("there were sales enough");
		// Of noise with a deviation of 5 %, 80 % lie within 1.28 deviations.
		expect(expectedError * calibration.range).toBeWithin(0.055, 0.08);
		expect(calibration.coverage).toBeWithin(0.7, 0.9);
		expect(calibration.within10[0]?.share).toBeWithin(0.88, 1.01);
	});

	test("gives contributions in whole dirhams that sum to the estimate", () => {
		const result = inProject(5, 108, 2);
		const value = Math.round((Math.exp(result.level) * 108) / 1000) * 1000;
		const contributions = contributionsTo(result, value);
		expect(contributions.reduce((sum, { amount }) => sum + amount, 0)).toBe(value);
		expect(contributions.every(({ amount }) => Number.isInteger(amount))).toBe(true);
		expect(contributions[0]?.from).toBe("comparables");
		expect(Math.abs(contributions.at(-1)?.amount ?? 0)).toBeLessThanOrEqual(1_000);
	});

	test("is the same for the same sales, and when it was kept as JSON and read again", () => {
		expect(encodeModel(trainModel(market, { version: "of-the-test" }))).toEqual(encodeModel(model));
		const again = decodeModel(JSON.parse(JSON.stringify(encodeModel(model))));
		const sales = history.of({ propertyType: "Flat", areaId: 2, projectId: 5 });
		expect(estimate(ASKED, sales, again)).toEqual(estimate(ASKED, sales, model));
	});

	test("that is damaged is refused", () => {
		const encoded = encodeModel(model) as Record<string, unknown>;
		for (const damaged of [
			null,
			{ ...encoded, rates: {} },
			{ ...encoded, layers: { project: { level: {}, spread: {} } } },
		]) {
			expect(() => decodeModel(damaged)).toThrow();
		}
	});

	test("knows nothing of the day and later: sales changed then change no estimate, one before does", () => {
		const sales = (perSqmOf: (ago: number) => number) =>
			[4, 4, 3, 3, 2, 2, 1, 1, 0, -3].map((ago) =>
				madeSale(perSqmOf(ago), ago, { projectId: 5, areaId: 2, sizeSqm: 70 }),
			);
		const value = (list: ReturnType<typeof sales>) =>
			perSqm(
				estimate(
					{ ...ASKED, logSize: Math.log(70), namesProject: true },
					{ project: list, area: list },
					model,
				),
			);
		const before = value(sales(() => 24_000));
		expect(value(sales((ago) => (ago <= 0 ? 90_000 : 24_000)))).toBe(before);
		expect(value(sales((ago) => (ago <= 2 ? 26_000 : 24_000)))).not.toBe(before);
	});

	test("of few sales learns nothing beyond the comparables", () => {
		const small = trainModel(madeMarket({ perDay: 5 }), { version: "small" });
		expect(small.layers).toEqual({});
		expect(small.calibration.length).toBeGreaterThan(0);
	});

	test("can be trained on no sales at all", () => {
		expect(trainModel([], { version: "none" })).toMatchObject({ sales: 0, layers: {}, calibration: [] });
	});
});
