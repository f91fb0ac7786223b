import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ImportSummary, importFile } from "../../db/import/index.ts";
import { NICKNAMES } from "../../db/import/nicknames.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/** Against the official files themselves; the figures are what was counted in them by other means. */
const SALES = "dld-sales-2026-01-to-07.csv.gz";
const RENTS = "dld-rents-2026-01-to-07.csv.gz";
const EXPORT = "formats/website-export-2026-03-20-units.csv.gz";
const CROSSWALK = "area-crosswalk.csv";
const PULSE = [
	["formats/pulse-transactions-2009-to-2023.csv.gz", 10_000],
	["formats/pulse-transactions-46-columns.csv.gz", 499],
	["formats/pulse-rent-contracts.csv.gz", 1_000],
] as const;

const MINUTE = 60_000;
let database: TestDatabase;

function official(file: string): string {
	const folder = process.env["DLD_DATA_DIR"];
	if (!folder) throw new Error("DLD_DATA_DIR has to name the folder with the Department's files.");
	return join(folder, file);
}

const load = (file: string): Promise<ImportSummary> => importFile(database, official(file));

async function figure(query: string): Promise<number> {
	const [row] = await database.sql.unsafe<{ n: number }[]>(`select (${query})::int as n`);
	return row?.n ?? Number.NaN;
}

function expectNothingNew(summary: ImportSummary): void {
	expect(summary).toMatchObject({ loaded: 0, updated: 0, alreadyThere: summary.read, touchedAreaIds: [] });
}

let large: { status: number; seconds: number; megabytes: number };

/** Linux only: what the system tells of an ended child's memory begins with that of the process that started it. */
function peakMegabytes(pid: number): number {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
	} catch {
		return 0;
	}
}

/** The command in a process of its own, so that its memory is nobody else's. */
async function importBothFiles(): Promise<typeof large> {
	const start = performance.now();
	const child = Bun.spawn(
		[process.execPath, "--no-env-file", "src/cli/import.ts", official(SALES), official(RENTS)],
		{
			cwd: join(import.meta.dir, "../.."),
			env: { ...process.env, DATABASE_URL: database.url, REDIS_ENABLED: "false" },
			stderr: "inherit",
			stdout: "inherit",
		},
	);
	let megabytes = 0;
	const watching = setInterval(() => {
		megabytes = Math.max(megabytes, peakMegabytes(child.pid));
	}, 100);
	const status = await child.exited;
	clearInterval(watching);
	return { status, seconds: (performance.now() - start) / 1000, megabytes };
}

beforeAll(async () => {
	database = await createTestDatabase();
	large = await importBothFiles();
}, 5 * MINUTE);
afterAll(async () => {
	await database?.drop();
});

describe("the two large files", () => {
	test("load within a minute and a half and 400 MB, nothing rejected", async () => {
		const { status, seconds, megabytes } = large;
		process.stdout.write(`607,022 rows in ${seconds.toFixed(1)} s, ${megabytes} MB resident\n`);
		expect(status).toBe(0);
		expect(await figure("select count(*) from sales")).toBe(100_339);
		expect(await figure("select count(*) from rentals")).toBe(506_683);
		expect(await figure("select count(*) from rejected_rows")).toBe(0);
		expect(seconds).toBeLessThan(90);
		expect(megabytes).toBeWithin(20, 400);
	});

	test("name 240 sales areas, of which 140 are rental areas verbatim", async () => {
		expect(await figure("select count(distinct area_id) from sales")).toBe(240);
		expect(await figure("select count(distinct area_id) from rentals")).toBe(193);
		expect(
			await figure(
				"select count(*) from (select area_id from sales intersect select area_id from rentals) both_sides",
			),
		).toBe(140);
	});

	test("hold about 480 part shares of flats and villas, and 2,949 sales that are none on the open market", async () => {
		const shares = await figure(`select count(*) from sales where non_market_reason = 'part-share'
			and property_type in ('Flat', 'Villa', 'Hotel Apartment')`);
		expect(shares).toBe(478);
		expect(await figure("select count(*) from sales where non_market_reason = 'procedure'")).toBe(2_949);
	});

	test("hold no studio that is not a flat and no usable flat outside of 12 to 500 m2", async () => {
		expect(await figure("select count(*) from rentals where property_type ilike 'studio%'")).toBe(0);
		expect(await figure("select count(*) from rentals where property_type = 'Flat' and rooms = 0")).toBe(
			3_758,
		);
		expect(
			await figure(`select count(*) from rentals where market and property_class = 'unit'
				and property_type = 'Flat' and not size_sqm between 12 and 500`),
		).toBe(0);
	});

	test(
		"change nothing when loaded again",
		async () => {
			expectNothingNew(await load(SALES));
			expectNothingNew(await load(RENTS));
		},
		5 * MINUTE,
	);

	test("hold every area that has a nickname", async () => {
		const rows = await database.sql<{ key: string; aliases: string[] }[]>`select key, aliases from areas`;
		const known = new Map(rows.map((row) => [row.key, row.aliases]));
		for (const [key, aliases] of Object.entries(NICKNAMES))
			expect(known.get(key)).toEqual([...aliases].sort());
	});
});

describe("the website's export of March", () => {
	test(
		"overlaps in 6,306 sales, six of which it corrects, and adds four, its mortgages and its gifts",
		async () => {
			const before = await figure(`select count(*) from sales where "group" = 'sale'`);
			const summary = await load(EXPORT);
			expect(summary.read).toBe(11_063);
			expect(summary.nonMarket["gift"]).toBe(699);
			expect((await figure(`select count(*) from sales where "group" = 'sale'`)) - before).toBe(4);
			expect(summary.updated).toBe(6);
			expectNothingNew(await load(EXPORT));
		},
		MINUTE,
	);
});

describe("the links between sales and rental areas", () => {
	test(
		"are derived as the crosswalk gives them",
		async () => {
			const derived = await database.sql<{ pair: string; share: number }[]>`
				select sales_area_id || '-' || rental_area_id as pair, share from area_links`;
			await load(CROSSWALK);
			const given = await database.sql<{ pair: string; share: number }[]>`
				select sales_area_id || '-' || rental_area_id as pair, share from area_links
				where sales_area_id not in (select area_id from rentals)`;
			expect(derived.map((link) => link.pair).sort()).toEqual(given.map((link) => link.pair).sort());
			const shares = new Map(given.map((link) => [link.pair, link.share]));
			for (const { pair, share } of derived)
				expect(Math.abs(share - (shares.get(pair) ?? 0))).toBeLessThan(0.05);
			expectNothingNew(await load(CROSSWALK));
		},
		MINUTE,
	);
});

describe("Dubai Pulse", () => {
	test.each(PULSE)(
		"%s loads whole, and once",
		async (file, rows) => {
			expect(await load(file)).toMatchObject({ read: rows, loaded: rows, rejected: {} });
			expectNothingNew(await load(file));
		},
		MINUTE,
	);
});
