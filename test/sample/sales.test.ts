import { describe, expect, test } from "bun:test";
import { FIRST_SAMPLE_SERIAL, SALES_IN_ALL, SAMPLE_MARK, sampleSales } from "../../db/sample/sales.ts";
import { SAMPLE_SEED } from "../../db/sample.ts";
import { nameKey } from "../../src/lib/name-key.ts";

const sales = [...sampleSales({ seed: SAMPLE_SEED, endDay: "2026-07-31" })];
const MARKET = new Set(["Sale", "Sell - Pre registration", "Delayed Sell"]);

type Sale = (typeof sales)[number];
const isHome = (sale: Sale) =>
	sale["PROP_TYPE_EN"] !== "Land" && /^(Flat|Villa)$/.test(sale["PROP_SB_TYPE_EN"] ?? "");
const perSqm = (sale: Sale) => Number(sale["TRANS_VALUE"]) / Number(sale["ACTUAL_AREA"]);
const share = (test: (sale: Sale) => boolean, among: Sale[] = sales) =>
	among.filter(test).length / among.length;
const values = (column: string) => new Set(sales.map((sale) => sale[column] ?? ""));

function expectBetween(value: number, low: number, high: number): void {
	expect(value).toBeGreaterThanOrEqual(low);
	expect(value).toBeLessThanOrEqual(high);
}

describe("the made-up sales", () => {
	test("are 25,000 over the seven months that end on the given day, oldest first", () => {
		expect(sales).toHaveLength(SALES_IN_ALL);
		const days = sales.map((sale) => sale["INSTANCE_DATE"] ?? "");
		expect(days).toEqual([...days].sort());
		expect(days[0]).toStartWith("2026-01-0");
		expect(days.at(-1)).toStartWith("2026-07-3");
		for (const day of days) expect(day).toMatch(/^2026-0[1-7]-\d\d ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);
	});

	test("say in every record that they are a sample, and have numbers that no official sale has", () => {
		expect(values("MASTER_PROJECT_EN")).toEqual(new Set([SAMPLE_MARK]));
		expect(values("TRANSACTION_NUMBER").size).toBe(SALES_IN_ALL);
		for (const number of values("TRANSACTION_NUMBER")) {
			expect(number).toMatch(/^\d+-\d{7}-2026$/);
			expect(Number(number.split("-")[1])).toBeGreaterThanOrEqual(FIRST_SAMPLE_SERIAL);
		}
	});

	test("have each of the official columns, with text in the official shape", () => {
		expect(Object.keys(sales[0] ?? {})).toEqual(
			(
				"TRANSACTION_NUMBER INSTANCE_DATE GROUP_EN PROCEDURE_EN IS_OFFPLAN_EN IS_FREE_HOLD_EN USAGE_EN AREA_EN " +
				"PROP_TYPE_EN PROP_SB_TYPE_EN TRANS_VALUE PROCEDURE_AREA ACTUAL_AREA ROOMS_EN PARKING NEAREST_METRO_EN " +
				"NEAREST_MALL_EN NEAREST_LANDMARK_EN TOTAL_BUYER TOTAL_SELLER MASTER_PROJECT_EN PROJECT_EN"
			).split(" "),
		);
		for (const column of ["TRANS_VALUE", "PROCEDURE_AREA", "ACTUAL_AREA"]) {
			for (const value of values(column)) expect(value).toMatch(/^\d+\.\d\d$/);
		}
	});

	test("are two thirds off-plan and of every kind of property", () => {
		expectBetween(
			share((sale) => sale["IS_OFFPLAN_EN"] === "Off-Plan"),
			0.64,
			0.72,
		);
		const shareOf = (subType: string) => share((sale) => sale["PROP_SB_TYPE_EN"] === subType);
		expectBetween(shareOf("Flat"), 0.74, 0.82);
		expectBetween(shareOf("Villa"), 0.06, 0.1);
		expectBetween(shareOf("Office"), 0.02, 0.04);
		expectBetween(shareOf("Shop"), 0.005, 0.015);
		expectBetween(shareOf("Hotel Apartment"), 0.01, 0.025);
		expectBetween(
			share((sale) => sale["PROP_TYPE_EN"] === "Land"),
			0.06,
			0.1,
		);
		for (const rooms of ["Studio", "1 B/R", "5 B/R", "NA", "PENTHOUSE", "Office", ""]) {
			expect(values("ROOMS_EN")).toContain(rooms);
		}
	});

	test("cover the town, with one place under two spellings", () => {
		const areas = values("AREA_EN");
		expect(new Set([...areas].map(nameKey)).size).toBeGreaterThanOrEqual(70);
		for (const area of ["BUSINESS BAY", "Business Bay", "BUSINESS BAY ", "PALM DEIRA", "Palm Deira"]) {
			expect(areas).toContain(area);
		}
		expect(areas).toContain("TILAL AL GHAF");
		expect(areas).toContain("Al Hebiah Fourth");
	});

	test("name projects as carelessly as the register does, or not at all", () => {
		expectBetween(
			share((sale) => sale["PROJECT_EN"] === ""),
			0.05,
			0.11,
		);
		const names = [...values("PROJECT_EN")];
		expect(names.some((name) => name.endsWith(" "))).toBeTrue();
		expect(names.some((name) => name.includes("  "))).toBeTrue();
		expect(names.some((name) => name.includes("\n"))).toBeTrue();
		expect(names.length - new Set(names.map(nameKey)).size).toBeGreaterThanOrEqual(5);
	});

	test("leave many projects with hardly any sale", () => {
		const counts = new Map<string, number>();
		for (const sale of sales) {
			const name = nameKey(sale["PROJECT_EN"] ?? "");
			if (name !== "") counts.set(name, (counts.get(name) ?? 0) + 1);
		}
		expectBetween(counts.size, 700, 1100);
		expectBetween([...counts.values()].filter((count) => count <= 3).length / counts.size, 0.12, 0.3);
	});

	test("hold what is no market sale: other procedures, parts of a home, prices that only fill the form", () => {
		expectBetween(
			share((sale) => !MARKET.has(sale["PROCEDURE_EN"] ?? "")),
			0.02,
			0.045,
		);
		const homes = sales.filter((sale) => isHome(sale) && MARKET.has(sale["PROCEDURE_EN"] ?? ""));
		const partOf = (sale: Sale) => Number(sale["PROCEDURE_AREA"]) / Number(sale["ACTUAL_AREA"]);
		expectBetween(
			share((sale) => partOf(sale) < 0.9, homes),
			0.003,
			0.009,
		);
		expectBetween(
			share((sale) => Math.abs(partOf(sale) - 0.5) < 0.01, homes),
			0.002,
			0.006,
		);
		expectBetween(
			share((sale) => partOf(sale) > 0.96 && partOf(sale) < 0.995, homes),
			0.005,
			0.02,
		);
		expectBetween(
			share((sale) => perSqm(sale) < 2000),
			0.007,
			0.02,
		);
		expectBetween(
			share((sale) => perSqm(sale) < 2000, homes),
			0.004,
			0.012,
		);
		expect(homes.some((sale) => perSqm(sale) > 150_000)).toBeTrue();
	});

	test("price a part of a home at about that part of its worth", () => {
		const half = sales.filter(
			(sale) => Number(sale["PROCEDURE_AREA"]) * 2 === Number(sale["ACTUAL_AREA"]) && isHome(sale),
		);
		const middle = (among: Sale[]) =>
			among.map(perSqm).sort((a, b) => a - b)[among.length >> 1] ?? Number.NaN;
		expectBetween(middle(half) / middle(sales.filter(isHome)), 0.3, 0.7);
	});

	test("refuse a last day that is no date", () => {
		expect(() => sampleSales({ seed: 1, endDay: "yesterday" }).next()).toThrow(RangeError);
	});
});
