import { describe, expect, test } from "bun:test";
import { pulseRent, rent } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();

describe("identity", () => {
	test("contracts that differ only in their registration are different contracts", async () => {
		const rows = [rent(), rent({ REGISTRATION_DATE: "2031-02-03 10:11:13" })];
		expect(await market.load(rows)).toMatchObject({ loaded: 2 });
	});

	test("equal rows are that many contracts, in this file and in the next", async () => {
		const rows = [rent(), rent(), rent()];
		expect(await market.load(rows)).toMatchObject({ loaded: 3, alreadyThere: 0 });
		expect((await market.rentals()).map((row) => row.occurrence)).toEqual([1, 2, 3]);
		expect(await market.load(rows)).toMatchObject({
			loaded: 0,
			updated: 0,
			alreadyThere: 3,
			touchedAreaIds: [],
		});
		expect(await market.load([...rows, rent()])).toMatchObject({ loaded: 1, alreadyThere: 3 });
	});

	test("how a value is written does not matter", async () => {
		await market.load([rent()]);
		const rewritten = rent({
			REGISTRATION_DATE: "03/02/2031 10:11:12",
			START_DATE: "01-03-2031",
			ANNUAL_AMOUNT: "60,000",
			ACTUAL_AREA: "80",
			AREA_EN: "WADI HERON  THIRD",
			PROP_SUB_TYPE_EN: "flat",
		});
		expect(await market.load([rewritten])).toMatchObject({ loaded: 0 });
	});

	test("what a poorer file leaves out stays known, what a richer one adds is filled in", async () => {
		await market.load([rent()]);
		expect(await market.load([rent({ ROOMS: "2" })])).toMatchObject({ loaded: 0, updated: 1 });
		expect(await market.load([rent()])).toMatchObject({ loaded: 0, updated: 0, alreadyThere: 1 });
		expect((await market.rentals())[0]?.rooms).toBe(2);
	});

	test("a Pulse contract is its id and line: repeated it is one, corrected it is updated", async () => {
		const lines = [pulseRent(), pulseRent({ line_number: "2" }), pulseRent()];
		expect(await market.load(lines)).toMatchObject({ read: 3, loaded: 2, alreadyThere: 1 });
		expect(await market.load([pulseRent({ annual_amount: "61000" })])).toMatchObject({
			loaded: 0,
			updated: 1,
		});
	});
});

describe("studios", () => {
	test("are flats without a bedroom in both sources", async () => {
		await market.load([rent({ PROP_SUB_TYPE_EN: "Studio " })]);
		await market.load([
			pulseRent({ ejari_property_sub_type_en: "Studio" }),
			pulseRent({ line_number: "2", ejari_property_type_en: "Studio ", ejari_property_sub_type_en: "" }),
		]);
		expect((await market.rentals()).map(({ type, rooms }) => [type, rooms])).toEqual(
			Array.from({ length: 3 }, () => ["Flat", 0]),
		);
	});
});

describe("evidence of the market", () => {
	test.each([
		["a usual flat", {}, null],
		["a token rent", { ANNUAL_AMOUNT: "1.00" }, "no-rent"],
		["no rent", { ANNUAL_AMOUNT: "" }, "no-rent"],
		["no size", { ACTUAL_AREA: "" }, "no-size"],
		["a flat of exactly 1.00 m2", { ACTUAL_AREA: "1.00" }, "implausible-size"],
		["a flat of 10 m2", { ACTUAL_AREA: "10.00" }, "implausible-size"],
		["a flat of 12 m2", { ACTUAL_AREA: "12.00" }, null],
		["a flat whose size is in square feet", { ACTUAL_AREA: "861" }, "implausible-size"],
		["a flat the size of a country", { ACTUAL_AREA: "421031182" }, "implausible-size"],
		["a block let as one flat", { ANNUAL_AMOUNT: "4500000" }, "multi-unit"],
		["more than one property", { TOTAL_PROPERTIES: "6" }, "multi-unit"],
		[
			"a villa of 40 m2",
			{ PROP_TYPE_EN: "Villa", PROP_SUB_TYPE_EN: "Villa", ACTUAL_AREA: "40" },
			"implausible-size",
		],
		["a villa of 300 m2", { PROP_TYPE_EN: "Villa", PROP_SUB_TYPE_EN: "Villa", ACTUAL_AREA: "300" }, null],
		["a shop of 900 m2", { PROP_SUB_TYPE_EN: "Shop", ACTUAL_AREA: "900" }, null],
		["a kiosk of 3 m2", { PROP_SUB_TYPE_EN: "Kiosk", ACTUAL_AREA: "3" }, null],
		[
			"a whole camp with one room's size",
			{ PROP_SUB_TYPE_EN: "Labor Camps", ACTUAL_AREA: "18", ANNUAL_AMOUNT: "144000" },
			"multi-unit",
		],
		["a plot", { PROP_TYPE_EN: "Land", PROP_SUB_TYPE_EN: "", ACTUAL_AREA: "150000" }, null],
	] as const)("%s", async (_, cells, reason) => {
		await market.load([rent(cells)]);
		expect((await market.rentals())[0]?.reason ?? null).toBe(reason);
	});

	test("a Pulse contract over several properties is none", async () => {
		expect(await market.load([pulseRent({ no_of_prop: "12" })])).toMatchObject({
			nonMarket: { "multi-unit": 1 },
		});
	});
});
