import { describe, expect, test } from "bun:test";
import { pulseSale, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();

describe("loading again", () => {
	test("the same file changes nothing and touches no area", async () => {
		const rows = [sale(), sale({ TRANSACTION_NUMBER: "11-2-2031", ACTUAL_AREA: "91" })];
		await market.load(rows);
		const before = await market.sales();
		expect(await market.load(rows)).toMatchObject({
			read: 2,
			loaded: 0,
			updated: 0,
			alreadyThere: 2,
			nonMarket: {},
			touchedAreaIds: [],
		});
		expect(await market.sales()).toEqual(before);
	});

	test("a later file of the same source corrects a value and touches the old and the new area", async () => {
		await market.load([sale()]);
		const summary = await market.load([sale({ TRANS_VALUE: "1100000", AREA_EN: "Dune Park" })]);
		expect(summary).toMatchObject({ loaded: 0, updated: 1, alreadyThere: 0 });
		expect(summary.touchedAreaIds).toHaveLength(2);
		expect(await market.sales()).toMatchObject([
			{ price: 1_100_000, area: "Dune Park", project: "Heron Court" },
		]);
	});

	test("a value that was known is never blanked out", async () => {
		await market.load([sale()]);
		const poorer = sale({ ROOMS_EN: "", PROJECT_EN: "", IS_FREE_HOLD_EN: "null", PROCEDURE_AREA: "" });
		expect(await market.load([poorer])).toMatchObject({ updated: 0, alreadyThere: 1 });
		expect(await market.sales()).toMatchObject([{ rooms: 1, project: "Heron Court", freehold: true }]);
	});
});

describe("the website and Dubai Pulse on one sale", () => {
	const fromWebsite = sale({ TRANS_VALUE: "1000000", PROJECT_EN: "" });
	const fromPulse = pulseSale({ actual_worth: "900000" });
	const merged = [
		{
			price: 1_000_000,
			area: "Sandgrouse Quarter",
			project: "Heron Court",
			registered: "2031-02-03 10:11:12",
			source: "website",
		},
	];

	test("the website's values stand where both know one, whichever came first", async () => {
		await market.load([fromWebsite]);
		expect(await market.load([fromPulse])).toMatchObject({ loaded: 0, updated: 1 });
		expect(await market.sales()).toMatchObject(merged);
	});

	test("in the other order the result is the same, and an old Pulse file changes nothing any more", async () => {
		await market.load([fromPulse]);
		expect(await market.load([fromWebsite])).toMatchObject({ loaded: 0, updated: 1 });
		expect(await market.sales()).toMatchObject(merged);
		expect(await market.load([fromPulse])).toMatchObject({ updated: 0, alreadyThere: 1, touchedAreaIds: [] });
	});

	test("a project that only Pulse knows is one of the website's area", async () => {
		await market.load([fromPulse]);
		await market.load([fromWebsite]);
		const projects = await market.database.sql`select a.name from sales s
			join projects p on p.id = s.project_id join areas a on a.id = p.area_id`;
		expect(projects.map((row) => row["name"])).toEqual(["Sandgrouse Quarter"]);
	});
});

describe("rows that share a number", () => {
	test("and differ only in what is not kept are one row", async () => {
		const rows = [sale(), sale({ NEAREST_METRO_EN: "Palm Grove" }), sale({ PARKING: "P2-7" })];
		expect(await market.load(rows)).toMatchObject({ read: 3, loaded: 1, alreadyThere: 2 });
	});

	test("and differ in what is kept are occurrences, of which one is arm's length", async () => {
		const rows = [sale(), sale({ ACTUAL_AREA: "95", PROCEDURE_AREA: "95", ROOMS_EN: "2 B/R" })];
		expect(await market.load(rows)).toMatchObject({ loaded: 2, nonMarket: { duplicate: 1 } });
		expect((await market.sales()).map(({ occurrence, reason }) => [occurrence, reason])).toEqual([
			[1, null],
			[2, "duplicate"],
		]);
		expect(await market.load(rows.reverse())).toMatchObject({ loaded: 0, updated: 0, alreadyThere: 2 });
	});

	test("a mortgage on many flats keeps them all, also when two files each hold a part", async () => {
		const flats = Array.from({ length: 30 }, (_, at) =>
			sale({
				GROUP_EN: "Mortgage",
				PROCEDURE_EN: "Portfolio Mortgage Registration",
				ACTUAL_AREA: String(50 + at),
			}),
		);
		expect(await market.load(flats.slice(0, 20))).toMatchObject({ loaded: 20, nonMarket: { mortgage: 20 } });
		expect(await market.load(flats.slice(10))).toMatchObject({ loaded: 10, updated: 0, alreadyThere: 10 });
		expect((await market.sales()).map((row) => row.occurrence)).toEqual(flats.map((_, at) => at + 1));
	});

	test("in different groups are different transactions", async () => {
		const rows = [sale(), sale({ GROUP_EN: "Mortgage", PROCEDURE_EN: "Mortgage Registration" })];
		expect(await market.load(rows)).toMatchObject({ loaded: 2, nonMarket: { mortgage: 1 } });
	});
});

describe("arm's length", () => {
	const one = (cells: Parameters<typeof sale>[0]) => sale({ ROOMS_EN: "", ...cells });

	test.each([
		["Sale", null],
		["Sell - Pre registration", null],
		["Delayed Sell", null],
		["SELL - PRE REGISTRATION", null],
		["Sell Development", "procedure"],
		["Development Registration", "procedure"],
		["Lease to Own Registration", "procedure"],
		["Sale On Payment Plan", "procedure"],
	])("the procedure %p: %p", async (procedure, reason) => {
		await market.load([one({ PROCEDURE_EN: procedure })]);
		expect((await market.sales())[0]?.reason).toBe(reason);
	});

	test.each([
		["40.00", "part-share"],
		["67.90", "part-share"],
		["68.00", null],
		["78.00", null],
		["", null],
		["85.00", null],
	])("a procedure about %p of 80 m2: %p", async (procedureArea, reason) => {
		await market.load([one({ PROCEDURE_AREA: procedureArea })]);
		expect((await market.sales())[0]?.reason).toBe(reason);
	});

	test("without a price or a size it is none, and a gift is none", async () => {
		await market.load([
			one({ TRANSACTION_NUMBER: "11-1-2031", TRANS_VALUE: "0" }),
			one({ TRANSACTION_NUMBER: "11-2-2031", ACTUAL_AREA: "" }),
			one({ TRANSACTION_NUMBER: "11-3-2031", GROUP_EN: "Gifts", PROCEDURE_EN: "Grant" }),
		]);
		const reasons = Object.fromEntries((await market.sales()).map((row) => [row.number, row.reason]));
		expect(reasons).toEqual({ "11-2031-1": "no-price", "11-2031-2": "no-size", "11-2031-3": "gift" });
	});

	test("an implausible price per square metre stays in: that is the valuation's to judge", async () => {
		await market.load([one({ TRANS_VALUE: "163.35" })]);
		expect((await market.sales())[0]?.reason).toBeNull();
	});

	test("land is land whatever may be built on it, and a penthouse keeps its label", async () => {
		await market.load([
			one({ TRANSACTION_NUMBER: "11-1-2031", PROP_TYPE_EN: "Land", PROP_SB_TYPE_EN: "Villa" }),
			one({
				TRANSACTION_NUMBER: "11-2-2031",
				PROP_TYPE_EN: "Building",
				PROP_SB_TYPE_EN: "Villa",
				ROOMS_EN: "4 B/R",
			}),
			one({ TRANSACTION_NUMBER: "11-3-2031", ROOMS_EN: "PENTHOUSE", IS_OFFPLAN_EN: "Off-Plan" }),
		]);
		expect(await market.sales()).toMatchObject([
			{ class: "land", type: "Land" },
			{ class: "villa", type: "Villa", rooms: 4 },
			{ rooms: null, label: "PENTHOUSE", status: "Off-Plan" },
		]);
	});
});
