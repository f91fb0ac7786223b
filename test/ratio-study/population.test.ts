import { describe, expect, test } from "bun:test";
import { isInPopulation, isInUnboundedPopulation } from "../../src/ratio-study/population.ts";
import { DESCRIBED_BY, subjectOf } from "../../src/ratio-study/sale.ts";
import { sale } from "./support.ts";

describe("the population", () => {
	test.each([
		["a flat", {}],
		["a villa", { propertyType: "Villa" }],
		["a sale in Dubai Pulse's word", { procedure: "sell" }],
		["a registration before completion", { procedure: "SELL - PRE REGISTRATION" }],
		["a delayed sale", { procedure: "Delayed Sell" }],
		["a studio", { rooms: 0 }],
		["ten rooms", { rooms: 10 }],
		["the lowest price", { price: 100_000, sizeSqm: 20 }],
		["the smallest size", { sizeSqm: 15 }],
		["the lowest price per m2", { price: 200_000, sizeSqm: 100 }],
		["the highest price per m2", { price: 15_000_000, sizeSqm: 100 }],
	])("has %s", (_, change) => {
		expect(isInPopulation(sale(change))).toBe(true);
	});

	test.each([
		["another procedure", { procedure: "Lease to Own" }],
		["unknown rooms", { rooms: null }],
		["eleven rooms", { rooms: 11 }],
		["a lower price", { price: 99_999, sizeSqm: 20 }],
		["a smaller size", { sizeSqm: 14.99 }],
		["a lower price per m2", { price: 199_999, sizeSqm: 100 }],
		["a higher price per m2", { price: 15_000_001, sizeSqm: 100 }],
	])("has not %s, which the unbounded one has", (_, change) => {
		expect(isInPopulation(sale(change))).toBe(false);
		expect(isInUnboundedPopulation(sale(change))).toBe(true);
	});

	test.each([
		["land", { propertyType: "Land" }],
		["an office", { propertyType: "Office" }],
		["what cost nothing", { price: 0 }],
		["what has no size", { sizeSqm: 0 }],
	])("has not %s, bounded or not", (_, change) => {
		expect(isInPopulation(sale(change))).toBe(false);
		expect(isInUnboundedPopulation(sale(change))).toBe(false);
	});
});

describe("a subject", () => {
	test("is described by what a request can say and its day, and by nothing else", () => {
		expect(subjectOf(sale({ sizeSqm: 72.464 }))).toEqual({
			day: sale().day,
			propertyType: "Flat",
			areaId: 1,
			projectId: 7,
			rooms: 1,
			developmentStatus: "Ready",
			sizeSqm: 72.46,
		});
		expect(Object.keys(subjectOf(sale())).length).toBe(DESCRIBED_BY.length + 1);
	});

	test("never has a size of nothing", () => {
		expect(subjectOf(sale({ sizeSqm: 0.004 })).sizeSqm).toBe(0.01);
	});
});
