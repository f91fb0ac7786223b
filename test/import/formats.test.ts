import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { importFile } from "../../db/import/index.ts";
import { csv, pulseRent, pulseSale, pulseSaleArabic, quotedExport, rent, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();

describe("each official shape", () => {
	test("website sales are read into a sale's typed values", async () => {
		const summary = await market.load([sale()]);
		expect(summary).toMatchObject({
			format: "website-sales",
			read: 1,
			loaded: 1,
			rejected: {},
			nonMarket: {},
		});
		expect(await market.sales()).toEqual([
			{
				group: "sale",
				number: "11-2031-900001",
				occurrence: 1,
				registered: "2031-02-03 10:11:12",
				procedure: "Sale",
				area: "Sandgrouse Quarter",
				project: "Heron Court",
				class: "unit",
				type: "Flat",
				status: "Ready",
				freehold: true,
				price: 1_000_000,
				size: 80,
				rooms: 1,
				label: null,
				reason: null,
				source: "website",
			},
		]);
	});

	test("the website's quoted export with a byte order mark is the same format", async () => {
		const path = await market.fixtures.file(quotedExport([sale({ PROJECT_EN: 'The "Heron"' })]));
		expect(await importFile(market.database, path)).toMatchObject({ format: "website-sales", loaded: 1 });
		expect((await market.sales())[0]?.project).toBe('The "Heron"');
	});

	test("website rents are read into a contract's typed values", async () => {
		expect(await market.load([rent()])).toMatchObject({ format: "website-rents", loaded: 1, nonMarket: {} });
		expect(await market.rentals()).toEqual([
			{
				occurrence: 1,
				registered: "2031-02-03 10:11:12",
				starts: "2031-03-01",
				ends: "2032-02-28",
				kind: "new",
				area: "Wadi Heron Third",
				project: "Heron Court",
				class: "unit",
				type: "Flat",
				freehold: true,
				rent: 60_000,
				size: 80,
				rooms: null,
				units: null,
				reason: null,
				source: "website",
			},
		]);
	});

	test("Dubai Pulse transactions are read, `null` text is absent and the number's order is the same", async () => {
		expect(await market.load([pulseSale()])).toMatchObject({ format: "pulse-sales", loaded: 1 });
		expect((await market.sales())[0]).toMatchObject({
			number: "11-2031-900001",
			registered: "2031-02-03 00:00:00",
			procedure: "Sell",
			status: "Ready",
			reason: null,
			source: "pulse",
		});
	});

	test("Dubai Pulse transactions with Arabic columns are the same format", async () => {
		const row = pulseSaleArabic({ property_sub_type_en: "", property_type_en: "Villa", rooms_en: "" });
		expect(await market.load([row])).toMatchObject({ format: "pulse-sales", loaded: 1 });
		expect((await market.sales())[0]).toMatchObject({ class: "villa", type: "Villa", rooms: null });
	});

	test("Dubai Pulse rent contracts are read, with bedrooms out of their sub-type", async () => {
		expect(await market.load([pulseRent()])).toMatchObject({ format: "pulse-rents", loaded: 1 });
		expect((await market.rentals())[0]).toMatchObject({
			registered: null,
			starts: "2031-03-01",
			kind: "renewed",
			rooms: 1,
			units: 1,
			source: "pulse",
		});
	});
});

describe("tolerance", () => {
	test("columns in another order and case, unknown ones and missing optional ones do not matter", async () => {
		const { PARKING, NEAREST_METRO_EN, MASTER_PROJECT_EN, USAGE_EN, ...rest } = sale();
		const columns = Object.entries({ ...rest, "Some New Column": "x" }).reverse();
		const rows = [Object.fromEntries(columns.map(([column, cell]) => [` ${column.toLowerCase()} `, cell]))];
		expect(await market.load(rows)).toMatchObject({ format: "website-sales", loaded: 1, rejected: {} });
	});

	test("gzip is told by the file's first bytes, not by its name", async () => {
		const path = await market.fixtures.gzipped(csv([sale()]), "not-called-gz.csv");
		expect(await importFile(market.database, path)).toMatchObject({ loaded: 1 });
	});

	test("a UTF-16 file with a byte order mark is read", async () => {
		const path = await market.fixtures.file(Buffer.from(`\uFEFF${csv([sale()])}`, "utf16le"));
		expect(await importFile(market.database, path)).toMatchObject({ loaded: 1 });
	});

	test("so is one with its bytes in the other order", async () => {
		const path = await market.fixtures.file(Buffer.from(`\uFEFF${csv([sale()])}`, "utf16le").swap16());
		expect(await importFile(market.database, path)).toMatchObject({ loaded: 1 });
	});

	test("zeros after gzip data do not matter, however many", async () => {
		const padded = Buffer.concat([gzipSync(csv([sale()])), Buffer.alloc(300_000)]);
		expect(await importFile(market.database, await market.fixtures.file(padded))).toMatchObject({
			loaded: 1,
		});
	});

	test("line breaks, tabs, backslashes and control characters in names do no harm", async () => {
		await market.load([
			sale({ PROJECT_EN: "THE \\HERON\tBY\u0007 DUNE\r\n", AREA_EN: " Sandgrouse  Quarter " }),
		]);
		expect((await market.sales())[0]).toMatchObject({
			project: "THE \\HERON BY DUNE",
			area: "Sandgrouse Quarter",
		});
	});
});

describe("rows that cannot be used", () => {
	test("are counted by reason and kept as they came, and the others are loaded", async () => {
		const summary = await market.load([
			sale({ TRANSACTION_NUMBER: "11-1-2031" }),
			sale({ TRANSACTION_NUMBER: "11-2-2031", INSTANCE_DATE: "2031-02-30 10:00:00" }),
			sale({ TRANSACTION_NUMBER: "11-3-2031", TRANS_VALUE: "-5" }),
			sale({ TRANSACTION_NUMBER: "11-4-2031", TRANS_VALUE: "NaN" }),
			sale({ TRANSACTION_NUMBER: "eleven" }),
			sale({ TRANSACTION_NUMBER: "11-5-2031", AREA_EN: " " }),
			sale({ TRANSACTION_NUMBER: "11-6-2031", GROUP_EN: "Barter" }),
			sale({ TRANSACTION_NUMBER: "11-7-2031", GROUP_EN: "constructor" }),
		]);
		expect(summary).toMatchObject({
			read: 8,
			loaded: 1,
			rejected: {
				"bad-date": 1,
				"negative-price": 1,
				"bad-price": 1,
				"bad-number": 1,
				"no-area": 1,
				"unknown-group": 2,
			},
		});
		const kept = await market.database.sql`select line, reason, raw ->> 'TRANSACTION_NUMBER' as number
			from rejected_rows where import_run_id = ${summary.runId} order by line`;
		expect(kept[0]).toEqual({ line: 3, reason: "bad-date", number: "11-2-2031" });
		expect(kept).toHaveLength(7);
	});

	test("a row with too few cells is rejected", async () => {
		const path = await market.fixtures.file(`${csv([sale()])}11-2-2031,2031-01-01\n`);
		expect(await importFile(market.database, path)).toMatchObject({
			loaded: 1,
			rejected: { "wrong-column-count": 1 },
		});
	});

	test("a name that is a slip of the format is rejected", async () => {
		expect(await market.load([sale({ PROJECT_EN: "Heron ".repeat(1_000) })])).toMatchObject({
			loaded: 0,
			rejected: { "name-too-long": 1 },
		});
	});

	test("a contract that ends before it starts is rejected", async () => {
		expect(await market.load([rent(), rent({ END_DATE: "2030-01-01" })])).toMatchObject({
			loaded: 1,
			rejected: { "end-before-start": 1 },
		});
	});

	test("ten thousand of them are kept and all are counted", async () => {
		const rows = Array.from({ length: 10_050 }, () => sale({ TRANSACTION_NUMBER: "none" }));
		expect((await market.load(rows)).rejected).toEqual({ "bad-number": 10_050 });
		const [kept] = await market.database.sql`select count(*)::int as n from rejected_rows`;
		expect(kept?.["n"]).toBe(10_000);
	});

	test("large ones are kept up to eight million characters in all, and cut between whole characters", async () => {
		const large = Object.fromEntries(
			Array.from({ length: 60 }, (_, at) => [`more ${at}`, `${"x".repeat(499)}\u{1F3E0}`]),
		);
		const rows = Array.from({ length: 400 }, () => ({ ...sale({ TRANSACTION_NUMBER: "none" }), ...large }));
		expect((await market.load(rows)).rejected).toEqual({ "bad-number": 400 });
		const [kept] = await market.database.sql`select count(*)::int as n from rejected_rows`;
		expect(kept?.["n"]).toBeWithin(200, 300);
	});

	test("a name of nothing but invisible characters is none", async () => {
		const invisible = "\u200B\u0007\u200F";
		const rows = [sale({ AREA_EN: invisible }), sale({ PROJECT_EN: invisible, PROP_SB_TYPE_EN: invisible })];
		expect(await market.load(rows)).toMatchObject({ loaded: 1, rejected: { "no-name": 1 } });
		expect((await market.sales())[0]).toMatchObject({ project: null, type: "Unit" });
	});

	test("more rows of one contract than can be told apart are refused in a sentence", async () => {
		const rows = Array.from({ length: 32_768 }, () => rent());
		await expect(market.load(rows)).rejects.toThrow("More than 32,767 rows are one and the same contract's");
	}, 20_000);
});
