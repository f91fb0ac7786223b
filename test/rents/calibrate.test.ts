import { describe, expect, test } from "bun:test";
import type { MarketRent } from "../../db/queries/rents.ts";
import { calibrateRents, replayRents } from "../../src/rents/calibrate.ts";
import {
	type RentError,
	rentCalibration,
	rentSegmentFor,
	rentSegments,
} from "../../src/rents/calibration.ts";

const error = (value: number, later: boolean, values: Partial<RentError> = {}): RentError => ({
	propertyType: "Flat",
	scope: "area",
	error: value,
	spread: 1,
	later,
	...values,
});

/** Errors of 0.01, 0.02, ... of changing sign. */
const ladder = (count: number, later: boolean, values: Partial<RentError> = {}) =>
	Array.from({ length: count }, (_, at) => error((at % 2 ? 0.01 : -0.01) * (at + 1), later, values));

describe("segments", () => {
	test("the quantile is that of all errors, the coverage that of the later ones by the earlier ones' quantile", () => {
		// Of 99 earlier ones the 80th is 0.80, and of the later ones 40 of 50 lie within that.
		const later = Array.from({ length: 50 }, (_, at) => error(at < 40 ? 0.3 : 2, true));
		const [segment] = rentSegments([...ladder(99, false), ...later]);
		expect(segment).toMatchObject({ propertyType: "Flat", scope: "area", n: 149, coverage: 0.8 });
		// ceil(150 x 0.8) = 120th of all: the earlier ones up to 0.80 and the 40 of 0.3 are exactly 120.
		expect(segment?.quantile).toBeCloseTo(0.8, 10);
	});

	test("errors count in multiples of the spread", () => {
		const of = (spread: number) =>
			rentSegments([...ladder(99, false, { spread }), ...ladder(99, true, { spread })]);
		expect(of(0.5)[0]?.quantile).toBeCloseTo(2 * (of(1)[0]?.quantile ?? 0), 10);
	});

	test("each scope has its own, and the type as a whole; too few errors in either part promise nothing", () => {
		const list = rentSegments([
			...ladder(60, false, { scope: "project" }),
			...ladder(60, true, { scope: "project" }),
			...ladder(60, false),
			...ladder(49, true),
			...ladder(49, false, { propertyType: "Shop" }),
			...ladder(60, true, { propertyType: "Shop" }),
		]);
		expect(list.map(({ propertyType, scope, n }) => [propertyType, scope, n])).toEqual([
			["Flat", "project", 120],
			["Flat", null, 229],
		]);
		const calibration = { dataThrough: 1, segments: list };
		expect(rentSegmentFor(calibration, "Flat", "project")?.n).toBe(120);
		expect(rentSegmentFor(calibration, "Flat", "area")?.n).toBe(229);
		expect(rentSegmentFor(calibration, "Shop", "area")).toBeUndefined();
	});
});

/** `perDay` flats of one area a day, of many sizes, at 1,000 AED/m2 give or take 10 %. */
function market(days: number, perDay = 4): MarketRent[] {
	return Array.from({ length: days * perDay }, (_, at) => {
		const sizeSqm = 80 + ((at * 37) % 40);
		const noise = 1 + (((at * 7919) % 201) - 100) / 1_000;
		const knownDay = 20_000 + Math.floor(at / perDay);
		return {
			id: at + 1,
			knownDay,
			startsDay: knownDay,
			annualRent: Math.round(sizeSqm * 1_000 * noise),
			sizeSqm,
			rooms: null,
			areaId: 1,
			projectId: at % 2 ? 7 : null,
			propertyType: "Flat",
		};
	});
}

describe("the replay", () => {
	const contracts = market(120);
	const period = { after: 20_089, through: 20_119 };

	test("values each by its project and as if none had been named", () => {
		const errors = replayRents(contracts, period);
		const scopes = (of: MarketRent) =>
			errors
				.filter(({ contract }) => contract === of)
				.map(({ scope }) => scope)
				.sort();
		expect(scopes(contracts[401] as MarketRent).length).toBe(2);
		expect(scopes(contracts[401] as MarketRent)[1]).toBe("project");
		expect(scopes(contracts[400] as MarketRent).length).toBe(1);
	});

	test("no estimate knows of its own day or what came after it", () => {
		const before = replayRents(contracts, period);
		const cut = 20_100;
		const dearer = contracts.map((one) =>
			one.knownDay >= cut ? { ...one, annualRent: 5 * one.annualRent } : one,
		);
		const after = replayRents(dearer, period);
		for (const [at, { contract, error }] of before.entries()) {
			if (contract.knownDay > cut) break;
			const shift = contract.knownDay === cut ? Math.log(5) : 0;
			expect(after[at]?.error).toBeCloseTo(error + shift, 10);
		}
	});

	test("values only the first of equal contracts", () => {
		const last = contracts.at(-1) as MarketRent;
		const copies = [1, 2, 3].map((at) => ({ ...last, id: 10_000 + at }));
		expect(replayRents([...contracts, ...copies], period).length).toBe(replayRents(contracts, period).length);
	});

	test("values no more of a type than it is told to, spread over the period", () => {
		const days = replayRents(contracts, { ...period, most: 10 }).map(({ contract }) => contract.knownDay);
		expect(new Set(days).size).toBe(10);
		expect(Math.min(...days)).toBeLessThan(20_095);
		expect(Math.max(...days)).toBeGreaterThan(20_114);
	});
});

describe("the calibration", () => {
	const calibration = calibrateRents(market(150));

	test("promises what it keeps", () => {
		expect(calibration.dataThrough).toBe(20_149);
		expect(calibration.segments.length).toBeGreaterThanOrEqual(2);
		for (const { coverage, medianError, quantile } of calibration.segments) {
			expect(coverage).toBeGreaterThan(0.65);
			expect(coverage).toBeLessThan(0.95);
			expect(medianError).toBeLessThan(0.1);
			expect(quantile).toBeGreaterThan(0);
		}
	});

	test("survives being written down", () => {
		expect(rentCalibration.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
	});

	test("there is nothing to learn from nothing", () => {
		expect(calibrateRents([])).toEqual({ dataThrough: 0, segments: [] });
	});
});
