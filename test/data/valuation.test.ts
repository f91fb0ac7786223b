import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { importFile } from "../../db/import/index.ts";
import { saveModel } from "../../db/queries/models.ts";
import { armsLengthSales, type SaleRecord } from "../../db/queries/sales.ts";
import { dayNumber, dayOfNumber } from "../../src/lib/days.ts";
import { isHome } from "../../src/ratio-study/population.ts";
import { type Sale, subjectOf } from "../../src/ratio-study/sale.ts";
import type { Report } from "../../src/ratio-study/study.ts";
import type { Valuer } from "../../src/ratio-study/valuer.ts";
import { evidenceOf, valuerBy } from "../../src/valuation/accuracy.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { encodeModel } from "../../src/valuation/model-codec.ts";
import { trainModel } from "../../src/valuation/training/train.ts";
import { byDay } from "../../src/valuation/training/training-set.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

setDefaultTimeout(240_000);

const FILES = ["dld-sales-2026-01-to-07.csv.gz", "dld-rents-2026-01-to-07.csv.gz"];
let database: TestDatabase;
let api: TestApp;
beforeAll(async () => {
	const folder = process.env["DLD_DATA_DIR"];
	if (!folder) throw new Error("DLD_DATA_DIR has to name the folder with the official files.");
	database = await createTestDatabase();
	for (const file of FILES) await importFile(database, join(folder, file));
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
					type: expect.stringMatching(/:(not-valued|insufficient-evidence)$/),
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

	describe("sales of the last month, valued by what was registered before each one's day,", () => {
		let report: Report;
		beforeAll(async () => {
			report = await ratioStudy("--test-from", "2026-07-01", "--json");
		});
		const of = (name: string) => {
			const found = report.segments.find(({ segment }) => segment === name);
			if (!found) throw new Error(`there is no segment ${name}`);
			return found;
		};

		test("are those that figures are compared by", () => {
			expect(report.protocol.sales.tested).toBe(11_745);
			expect(report.protocol.data_credit).toBe("Dubai Land Department open data");
		});

		test.each([
			["all", 0.04, 0.785],
			["flat-ready", 0.076, 0.61],
			["flat-off-plan", 0.033, 0.845],
			["villa-ready", 0.066, 0.65],
			["villa-off-plan", 0.054, 0.65],
		])("come out as good as they did: %s", (segment, mdape, ppe10) => {
			const { floors, ...seen } = of(segment);
			process.stdout.write(
				`${segment}: MdAPE ${seen.mdape}, PPE10 ${seen.ppe10}, in range ${seen.coverage80}\n`,
			);
			expect(seen.mdape).toBeLessThan(mdape);
			expect(seen.ppe10).toBeGreaterThan(ppe10);
			expect(seen.coverage80).toBeWithin(0.74, 0.86);
			expect(seen.median_ratio).toBeWithin(0.98, 1.02);
			for (const floor of Object.values(floors)) expect(seen.mdape).toBeLessThan(floor.mdape ?? 0);
		});

		test("are valued without their project a quarter better than by area and rooms", () => {
			const { mdape, valued_share, floors } = of("project-unknown");
			expect(mdape).toBeLessThan(0.75 * (floors["area-rooms"]?.mdape ?? 0));
			expect(valued_share).toBeGreaterThan(0.985);
		});

		test("get from the API what the study gives them", async () => {
			const records = await armsLengthSales(database.db);
			const evidence = evidenceOf(records);
			const model = trainModel(
				evidence.filter(({ day }) => day < dayNumber("2026-05-01")),
				{ version: "of-spring" },
			);
			const days = { dataFrom: "2026-01-01", dataThrough: "2026-04-30" };
			const row = { version: model.version, method: METHOD, ...days, sales: model.sales };
			await saveModel(database.db, { ...row, model: encodeModel(model) });
			await api.app.models.refresh();
			const valuer = valuerBy(model, new Map(evidence.map((sale) => [sale.id, sale])));
			const studied = records.filter(
				(sale) => sale.day >= dayNumber("2026-07-20") && isHome(sale) && sale.plausible,
			);
			const chosen = new Set(studied.filter((_, index) => index % 17 === 0));
			const expected = new Map<SaleRecord, number | null>();
			for (const today of byDay(records)) {
				for (const sale of today.filter((one) => chosen.has(one))) expected.set(sale, valueBy(valuer, sale));
				valuer.learn(today.map(toStudied));
			}
			const { results } = await valueAll([...expected.keys()]);
			expect(results.length).toBeGreaterThan(150);
			for (const [index, sale] of [...expected.keys()].entries()) {
				const value = expected.get(sale) ?? null;
				const given = results[index]?.valuation?.estimated_value ?? null;
				if (value === null || given === null) expect(given).toBe(value);
				else expect(Math.abs(given - value)).toBeLessThanOrEqual(500.001);
			}
		});
	});
});

/** The command as anybody runs it, in a process of its own. */
async function ratioStudy(...options: string[]): Promise<Report> {
	const command = [process.execPath, "--no-env-file", "scripts/ratio-study.ts", ...options];
	const child = Bun.spawn(command, {
		cwd: join(import.meta.dir, "../.."),
		env: { ...process.env, DATABASE_URL: database.url },
		stderr: "inherit",
	});
	const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
	expect(status).toBe(0);
	return JSON.parse(output) as Report;
}

const toStudied = (sale: SaleRecord): Sale => ({
	...sale,
	developmentStatus: sale.ready ? "Ready" : "Off-Plan",
});

function valueBy(valuer: Valuer, sale: SaleRecord): number | null {
	const given = valuer.value(subjectOf(toStudied(sale)));
	return typeof given === "object" && given !== null ? given.estimate : given;
}

async function valueAll(sales: readonly SaleRecord[]) {
	const subjects = sales.map((sale) => ({
		property_type: sale.propertyType,
		area: sale.area,
		project: sale.project,
		size_sqm: sale.sizeSqm,
		bedrooms: sale.rooms,
		development_status: sale.ready ? "Ready" : "Off-Plan",
		as_of: dayOfNumber(sale.day),
	}));
	const response = await api.post("/api/property/valuations", { subjects });
	expect(response.status).toBe(200);
	return (await response.json()) as { results: { valuation?: Valued }[] };
}
