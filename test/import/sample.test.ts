import { describe, expect, test } from "bun:test";
import { type ImportSummary, importRecords } from "../../db/import/index.ts";
import { rent, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();

async function loadSample(): Promise<ImportSummary[]> {
	const input = { source: "sample", file: "sample" } as const;
	return [
		await importRecords(market.database, {
			...input,
			format: "website-sales",
			records: [sale({ AREA_EN: "Invented Heights" })],
		}),
		await importRecords(market.database, {
			...input,
			format: "website-rents",
			records: (async function* () {
				yield rent({ AREA_EN: "Invented Third" });
			})(),
		}),
	];
}

describe("the made-up sample", () => {
	test("comes in from generators, synchronous or not, and is marked in its rows", async () => {
		const [sales, rentals] = await loadSample();
		expect(sales).toMatchObject({ file: "sample", format: "website-sales", read: 1, loaded: 1 });
		expect(rentals).toMatchObject({ format: "website-rents", loaded: 1 });
		expect((await market.sales())[0]?.source).toBe("sample");
		expect((await market.rentals())[0]?.source).toBe("sample");
	});

	test("is driven out by the first official file, names and all", async () => {
		await loadSample();
		const summary = await market.load([sale()]);
		expect(summary).toMatchObject({
			loaded: 1,
			sampleRemoved: { sales: 1, rentals: 1 },
		});
		expect(summary.touchedAreaIds).toHaveLength(3);
		expect(await market.rentals()).toEqual([]);
		expect((await market.sales()).map((row) => row.source)).toEqual(["website"]);
		expect((await market.database.sql`select name from areas`).map((row) => row["name"])).toEqual([
			"Sandgrouse Quarter",
		]);
		expect(await market.load([sale()])).not.toHaveProperty("sampleRemoved");
	});

	test("is refused where official rows are", async () => {
		await market.load([sale()]);
		await expect(loadSample()).rejects.toThrow("The database holds official rows");
	});
});

describe("records", () => {
	test("a rejected one is kept with its cells", async () => {
		const summary = await importRecords(market.database, {
			format: "website-sales",
			source: "sample",
			file: "sample",
			records: [sale({ INSTANCE_DATE: "never" })],
		});
		expect(summary.rejected).toEqual({ "bad-date": 1 });
		const [row] = await market.database.sql`select raw ->> 'INSTANCE_DATE' as date from rejected_rows`;
		expect(row?.["date"]).toBe("never");
	});
});
