import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { importFile } from "../../db/import/index.ts";
import { loadDirectory } from "../../db/queries/directory.ts";
import { buildDirectory, type Directory } from "../../src/areas/directory.ts";
import { estimate } from "../../src/valuation/estimate.ts";
import { gather } from "../../src/valuation/gather.ts";
import { resolveSubject } from "../../src/valuation/subject.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

setDefaultTimeout(240_000);

const FILES = ["dld-sales-2026-01-to-07.csv.gz", "dld-rents-2026-01-to-07.csv.gz"];
/** The month whose sales are valued, each by what was registered before its day. */
const STUDIED = { from: "2026-07-01", before: "2026-08-01" };
const EVERY = 5;

let database: TestDatabase;
let directory: Directory;
let api: TestApp;
beforeAll(async () => {
	const folder = process.env["DLD_DATA_DIR"];
	if (!folder) throw new Error("DLD_DATA_DIR has to name the folder with the official files.");
	database = await createTestDatabase();
	for (const file of FILES) await importFile(database, join(folder, file));
	directory = buildDirectory(await loadDirectory(database.db));
	api = await createTestApp({ database });
});
afterAll(() => database.drop());

interface Valued {
	estimated_value: number;
	value_range: { low: number; high: number };
	total_comparables_found: number;
	confidence_score: number;
	rental_data: { gross_yield: number } | null;
}

async function value(body: object): Promise<{ valuation: Valued; cache: string }> {
	const response = await api.value(body);
	expect(response.status).toBe(200);
	const { valuation } = (await response.json()) as { valuation: Valued };
	return { valuation, cache: response.headers.get("Cache-Status") ?? "" };
}

describe("on the official files", () => {
	test("areas have one spelling each and are sorted, and the second time they are a hit", async () => {
		const response = await api.get("/api/areas/buy");
		const names = (await response.json()) as string[];
		expect(names.length).toBe(240);
		expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
		expect(names).toContain("Business Bay");
		expect(names).toEqual([...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
		expect((await api.get("/api/areas/buy")).headers.get("Cache-Status")).toContain(";hit");
	});

	test("property types of rents are listed, and the second time they are a hit", async () => {
		const names = (await (await api.get("/api/property-types/rent")).json()) as string[];
		expect(names).toEqual(expect.arrayContaining(["Flat", "Office", "Shop", "Villa"]));
		expect((await api.get("/api/property-types/rent")).headers.get("Cache-Status")).toContain(";hit");
	});

	test("every type offered for sale is valued or refused with the reason", async () => {
		for (const property_type of (await (await api.get("/api/property-types/buy")).json()) as string[]) {
			const response = await api.value({ property_type, area: "Business Bay", size_sqm: 70 });
			expect([200, 422]).toContain(response.status);
			if (response.status === 422) {
				expect(await response.json()).toMatchObject({
					type: expect.stringMatching(/:(not-valued|too-little-evidence)$/),
				});
			}
		}
	});

	test.each([
		[
			"a one-bedroom flat",
			{ property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 },
			1.3e6,
			2.3e6,
		],
		["a studio", { property_type: "Flat", area: "JVC", size_sqm: 40, bedrooms: "Studio" }, 0.5e6, 0.9e6],
		["a villa", { property_type: "Villa", area: "DUBAI HILLS", size_sqm: 260, bedrooms: 4 }, 4e6, 12e6],
	])(
		"%s gets a value that such homes sell for, and the second time it is a hit",
		async (_, body, low, high) => {
			const { valuation, cache } = await value(body);
			process.stdout.write(
				`${JSON.stringify({ ...valuation, comparables: undefined, warnings: undefined })}\n`,
			);
			expect(cache).toContain("fwd=uri-miss;stored");
			expect(valuation.estimated_value).toBeWithin(low, high);
			expect(valuation.value_range.low).toBeLessThanOrEqual(valuation.estimated_value);
			expect(valuation.value_range.high).toBeGreaterThanOrEqual(valuation.estimated_value);
			expect(valuation.total_comparables_found).toBeGreaterThan(20);
			expect((await value(body)).cache).toContain(";hit");
		},
	);

	test("a flat in JVC finds its rents although these are registered under another name", async () => {
		const { valuation } = await value({ property_type: "Flat", area: "JVC", size_sqm: 70, bedrooms: 1 });
		expect(valuation.rental_data?.gross_yield).toBeWithin(0.03, 0.12);
	});

	test("sales of the last month are valued within 6 % of their price, in the median", async () => {
		const errors = await valueLastMonth();
		errors.sort((left, right) => left - right);
		const median = errors[Math.floor(errors.length / 2)] ?? 1;
		const within = errors.filter((error) => error <= 0.1).length / errors.length;
		process.stdout.write(
			`valued ${errors.length} of every ${EVERY}th sale of ${STUDIED.from.slice(0, 7)}: ` +
				`MdAPE ${(100 * median).toFixed(2)} %, PPE10 ${(100 * within).toFixed(1)} %\n`,
		);
		expect(errors.length).toBeGreaterThan(1_000);
		expect(median).toBeLessThan(0.06);
	});
});

/** Absolute errors, as shares of the price, of arm's-length residential sales with a plausible price. */
async function valueLastMonth(): Promise<number[]> {
	const sold = await database.db.execute<{
		type: string;
		area: string;
		project: string | null;
		size: string;
		rooms: number;
		status: "Ready" | "Off-Plan";
		day: string;
		price: string;
	}>(sql`
		select s.property_type as type, a.name as area, p.name as project, s.size_sqm as size, s.rooms,
			s.development_status as status, to_char(s.registered_at, 'YYYY-MM-DD') as day, s.price
		from sales s join areas a on a.id = s.area_id left join projects p on p.id = s.project_id
		where s.arms_length and s.property_type in ('Flat', 'Villa') and s.rooms between 0 and 10
			and s.registered_at >= ${STUDIED.from} and s.registered_at < ${STUDIED.before}
			and s.price >= 100000 and s.size_sqm >= 15 and s.price / s.size_sqm between 2000 and 150000
		order by s.number`);
	const errors: number[] = [];
	for (const [index, sale] of [...sold].entries()) {
		if (index % EVERY !== 0) continue;
		const request = {
			property_type: sale.type,
			area: sale.area,
			project: sale.project,
			size_sqm: Number(sale.size),
			bedrooms: sale.rooms,
			development_status: sale.status,
			as_of: sale.day,
		};
		const subject = resolveSubject(request, directory, STUDIED.before);
		const { comparables } = await gather(database.db, subject);
		const result = estimate({ ...subject, projectId: subject.project?.id ?? null }, comparables);
		if ("perSqm" in result) errors.push(Math.abs((result.perSqm * subject.sizeSqm) / Number(sale.price) - 1));
	}
	return errors;
}
