import { describe, expect, test } from "bun:test";
import { importRecords } from "../../db/import/index.ts";
import { marketMonths } from "../../db/queries/market-months.ts";
import { rent, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();
let lastNumber = 0;

/** A flat sold for this much per square metre. */
function sold(perSqm: number, cells: Parameters<typeof sale>[0] = {}) {
	lastNumber += 1;
	return sale({ TRANSACTION_NUMBER: `11-${lastNumber}-2031`, TRANS_VALUE: `${80 * perSqm}.00`, ...cells });
}

async function months(
	areas: string[] = ["Sandgrouse Quarter"],
	of: [string, string] = ["2031-02-01", "2031-01-01"],
	propertyType = "Flat",
) {
	const rows = await market.database.sql<{ id: number }[]>`select id from areas where name = any(${areas})`;
	const areaIds = rows.map(({ id }) => id);
	const [found] = await marketMonths(market.database.db, [{ areaIds, propertyType, months: of }]);
	return found;
}

const february = (sales: number, medianPerSqm: number) => ({ month: "2031-02-01", sales, medianPerSqm });

describe("what an area's market did in a month", () => {
	test("is brought up to date by every import", async () => {
		await market.load([sold(10_000), sold(12_000), sold(17_000)]);
		expect(await months()).toEqual({ last: february(3, 12_000), before: undefined });
		await market.load([sold(18_000), sold(9_000, { INSTANCE_DATE: "2031-01-31 23:59:59" })]);
		expect(await months()).toEqual({
			last: february(4, 14_500),
			before: { month: "2031-01-01", sales: 1, medianPerSqm: 9_000 },
		});
	});

	test("follows a price that a later file corrects", async () => {
		const row = sold(10_000);
		await market.load([row]);
		await market.load([{ ...row, TRANS_VALUE: "880000.00" }]);
		expect((await months())?.last).toEqual(february(1, 11_000));
	});

	test("counts what is evidence only, of the type alone", async () => {
		await market.load([
			sold(10_000),
			sold(10_000, { PROCEDURE_EN: "Lease to Own" }),
			sold(10_000, { PROCEDURE_AREA: "40.00" }),
			sold(500),
			sold(30_000, { PROP_SB_TYPE_EN: "Shop" }),
		]);
		expect((await months())?.last).toEqual(february(1, 10_000));
		expect((await months(undefined, undefined, "Shop"))?.last).toEqual(february(1, 30_000));
		expect((await months(undefined, undefined, "Office"))?.last).toBeUndefined();
	});

	test("of several areas is their mean by sales", async () => {
		await market.load([sold(10_000), sold(10_000), sold(10_000), sold(20_000, { AREA_EN: "Hoopoe Hills" })]);
		expect((await months(["Sandgrouse Quarter", "Hoopoe Hills"]))?.last).toEqual(february(4, 12_500));
	});

	test("is asked for many at once, each in its place", async () => {
		await market.load([sold(10_000), sold(11_000, { INSTANCE_DATE: "2031-01-05 10:00:00" })]);
		const [{ id } = { id: 0 }] = await market.database.sql<{ id: number }[]>`select id from areas`;
		const one = {
			areaIds: [id],
			propertyType: "Flat",
			months: ["2031-02-01", "2031-01-01"] as [string, string],
		};
		const january = { ...one, months: ["2031-01-01", "2030-12-01"] as [string, string] };
		const found = await marketMonths(market.database.db, [
			one,
			{ ...one, areaIds: [] },
			{ ...one, propertyType: 'Shop "A", \\' },
			january,
			one,
		]);
		expect(found.map(({ last }) => last?.medianPerSqm)).toEqual([
			10_000,
			undefined,
			undefined,
			11_000,
			10_000,
		]);
		expect(await marketMonths(market.database.db, [])).toEqual([]);
	});

	test("stays as it was where an import fails, or brings rental contracts only", async () => {
		await market.load([sold(10_000)]);
		await market.load([rent()]);
		const failing = importRecords(market.database, {
			format: "website-sales",
			source: "website",
			file: "failing",
			records: (async function* () {
				yield sold(50_000);
				throw new Error("the source broke off");
			})(),
		});
		await expect(failing).rejects.toThrow("the source broke off");
		expect((await months())?.last).toEqual(february(1, 10_000));
	});
});
