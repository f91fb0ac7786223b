import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let api: TestApp;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
	api = await createTestApp({ database });
});
afterAll(() => database.drop());

const STATUS = "Cache-Status";
const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 };

/** The members that are looked into; the rest is compared as it is. */
interface Valuation {
	estimated_value: number;
	comparables: { weight: number; registered_on: string }[];
	warnings: string[];
}

async function valued(body: object) {
	const response = await api.value({ ...FLAT, ...body });
	const { valuation } = (await response.json()) as { valuation: Valuation };
	return { response, valuation };
}

describe("the lists of names", () => {
	test.each([
		["/api/areas/buy", ["Business Bay", "JUMEIRAH VILLAGE CIRCLE", "Mirdif", "Thin Place"]],
		["/api/areas/trends", ["Business Bay", "JUMEIRAH VILLAGE CIRCLE", "Mirdif", "Thin Place"]],
		["/api/areas/rent", ["Al Barsha South Fourth", "Business Bay"]],
		["/api/property-types/buy", ["Flat", "Land", "Villa"]],
		["/api/property-types/rent", ["Flat"]],
	])("%s names what there is, and is a hit the second time", async (path, names) => {
		const first = await api.get(path);
		expect(first.status).toBe(200);
		expect(await first.json()).toEqual(names);
		expect(first.headers.get(STATUS)).toContain("fwd=uri-miss;stored");
		const second = await api.get(path);
		expect(await second.json()).toEqual(names);
		expect(second.headers.get(STATUS)).toBe("RetynAVM;hit;ttl=3600");
	});

	test("of an unknown search type are a 404 that says which there are", async () => {
		const response = await api.get("/api/areas/lease");
		expect(response.status).toBe(404);
		expect(await response.json()).toMatchObject({
			type: "urn:retyn:problem:unknown-search-type",
			detail: "The search type must be one of: buy, rent, trends.",
		});
	});
});

describe("a valuation", () => {
	test("of a flat comes from its area, names its evidence and is a hit the second time", async () => {
		const { response, valuation } = await valued({ development_status: "Ready" });
		expect(response.status).toBe(200);
		expect(response.headers.get(STATUS)).toContain("fwd=uri-miss;stored");
		expect(valuation.estimated_value).toBeWithin(70 * 24_000, 70 * 30_500);
		expect(valuation).toMatchObject({
			currency: "AED",
			search_scope: "area",
			segment: "flat-ready",
			support: "area",
			valuation_date: "2026-08-01",
			model_version: null,
			as_of: "2026-08-01",
			data_through: "2026-07-31",
			data_version: expect.stringMatching(/^market-\d+$/),
			confidence_score: expect.any(Number),
			total_comparables_found: expect.any(Number),
			market_data: { month: "2026-07", sales: expect.any(Number) },
			rental_data: { estimated_annual_rent: 105_000, rent_per_sqm: 1_500, rent_range: null },
		});
		const again = await valued({ development_status: "Ready" });
		expect(again.response.headers.get(STATUS)).toBe("RetynAVM;hit;ttl=300");
		expect(again.valuation).toEqual(valuation);
	});

	test("of a unit in a known project comes from that project's own sales", async () => {
		const { valuation } = await valued({ project: " test TOWER " });
		expect(valuation.estimated_value).toBe(70 * 30_000);
		expect(valuation).toMatchObject({
			search_scope: "project",
			value_range: { low: 2_100_000, high: 2_100_000 },
			subject: { project: "Test Tower", area: "Business Bay" },
		});
	});

	test("in an area that is let under another name finds its rents there, and the other way round its sales", async () => {
		const studio = { property_type: "Apartment", size_sqm: 40, bedrooms: "Studio" };
		const community = await valued({ ...studio, area: "JVC" });
		expect(community.valuation).toMatchObject({
			subject: { area: "JUMEIRAH VILLAGE CIRCLE", bedrooms: "Studio" },
			rental_data: { rent_per_sqm: 1_500 },
		});
		const cadastral = await valued({ ...studio, area: "Al Barsha South Fourth" });
		expect(cadastral.valuation.estimated_value).toBe(community.valuation.estimated_value);
	});

	test("of a villa never mixes in flats or land", async () => {
		const { valuation } = await valued({
			property_type: "villa",
			area: "Mirdif",
			size_sqm: 320,
			bedrooms: 4,
		});
		expect(valuation.estimated_value).toBeWithin(320 * 11_300, 320 * 12_700);
		expect(valuation).toMatchObject({ total_comparables_found: 40, rental_data: null });
	});

	test("shares comparables' weights that add up to one at the most, heaviest first", async () => {
		const { valuation } = await valued({});
		const weights = valuation.comparables.map(({ weight }) => weight);
		expect(weights).toHaveLength(10);
		expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(1);
		expect(weights).toEqual([...weights].sort((left, right) => right - left));
	});

	test("as of an earlier day knows nothing that was registered on that day or later", async () => {
		const { valuation } = await valued({ as_of: "2026-07-20" });
		const days = valuation.comparables.map((sale) => sale.registered_on);
		expect(days.every((day) => day < "2026-07-20")).toBe(true);
	});

	test("says which of the given features had no effect", async () => {
		const { valuation } = await valued({ floor_level: 12, view_type: "Canal", project: "Nowhere Heights" });
		expect(valuation.warnings).toEqual(
			expect.arrayContaining([
				expect.stringContaining("floor_level had no effect"),
				expect.stringContaining("view_type had no effect"),
				expect.stringContaining('No project "Nowhere Heights" is known in Business Bay'),
			]),
		);
	});

	test("with too little evidence is a 422 that says what was missing, and is not stored", async () => {
		for (let round = 0; round < 2; round += 1) {
			const response = await api.value({ ...FLAT, area: "Thin Place" });
			expect(response.status).toBe(422);
			expect(response.headers.get(STATUS)).toContain("detail=status");
			expect(await response.json()).toMatchObject({
				type: "urn:retyn:problem:insufficient-evidence",
				comparables_found: 1,
				comparables_needed: 5,
			});
		}
	});

	test("of land is refused with the reason", async () => {
		const response = await api.value({ ...FLAT, property_type: "LAND" });
		expect(response.status).toBe(422);
		expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:not-valued" });
	});

	test("for equal properties shares an answer however they are written", async () => {
		const first = await valued({ size_sqm: 71.004, bedrooms: 2, as_of: null });
		const written = {
			bedrooms: "2 bedrooms",
			size_sqm: 71,
			area: " business  BAY",
			property_type: "APARTMENT",
			as_of: "2026-08-01",
		};
		const second = await valued(written);
		expect(second.response.headers.get(STATUS)).toContain("hit");
		expect(second.valuation).toEqual(first.valuation);
	});

	test.each([
		["size", { size_sqm: 72.1 }],
		["bedrooms", { bedrooms: 3 }],
		["project", { project: "Test Tower", size_sqm: 72 }],
		["unknown project", { project: "Nowhere" }],
		["status", { development_status: "Off-Plan" }],
		["floor", { floor_level: 3 }],
		["view", { view_type: "Sea" }],
		["age", { property_age: 3 }],
		["day", { as_of: "2026-07-31" }],
		["type", { property_type: "Villa", area: "Mirdif", size_sqm: 310 }],
	])("never shares an answer with one that differs in %s", async (_, change) => {
		await valued({ size_sqm: 72 });
		expect((await valued({ size_sqm: 72, ...change })).response.headers.get(STATUS)).not.toContain("hit");
	});

	test("is worked out anew at midnight in Dubai", async () => {
		const other = await createTestApp({ database });
		other.clock.advance((16 * 60 - 1) * 60_000);
		expect(await (await other.value(FLAT)).json()).toMatchObject({
			valuation: { valuation_date: "2026-08-01" },
		});
		other.clock.advance(60_000);
		const response = await other.value(FLAT);
		expect(response.headers.get(STATUS)).not.toContain("hit");
		expect(await response.json()).toMatchObject({ valuation: { valuation_date: "2026-08-02" } });
	});

	test("is shared by callers, and the caller is not part of it", async () => {
		const body = { ...FLAT, size_sqm: 73.3 };
		await api.value(body);
		const response = await api.value(body, await api.signUp());
		expect(response.headers.get(STATUS)).toContain("hit");
	});
});

describe("one caller", () => {
	test("who asks for too many different valuations is held back, others and hits are not", async () => {
		const limited = await createTestApp({ database, env: { VALUATION_MISSES_PER_MINUTE: "3" } });
		const ask = (size_sqm: number, token?: string) => limited.value({ ...FLAT, size_sqm }, token);
		for (const size of [61, 62, 63]) expect((await ask(size)).status).toBe(200);
		const refused = await ask(64);
		expect(refused.status).toBe(429);
		expect(Number(refused.headers.get("Retry-After"))).toBeWithin(1, 21);
		expect((await ask(61)).status).toBe(200);
		expect((await ask(64, await limited.signUp())).status).toBe(200);
		limited.clock.advance(20_000);
		expect((await ask(65)).status).toBe(200);
	});
});

describe("what a client may ask of the cache", () => {
	const renewing = { headers: { "Cache-Control": "no-cache" } };

	test("19: administrators may have an answer made anew, others may not", async () => {
		await api.get("/api/areas/buy");
		const user = await api.get("/api/areas/buy", undefined, renewing);
		expect(user.headers.get(STATUS)).toContain(";hit");
		const admin = await api.get("/api/areas/buy", await api.signUp("admin"), renewing);
		expect(admin.headers.get(STATUS)).toMatch(/fwd=request.*stored/);
	});

	test("19: only-if-cached is a 504 problem where nothing is stored", async () => {
		const other = await createTestApp({ database });
		const only = { headers: { "Cache-Control": "only-if-cached" } };
		const missing = await other.get("/api/areas/buy", undefined, only);
		expect(missing.status).toBe(504);
		expect(await missing.json()).toMatchObject({ type: "urn:retyn:problem:not-stored", status: 504 });
		await other.get("/api/areas/buy");
		expect((await other.get("/api/areas/buy", undefined, only)).status).toBe(200);
	});

	test("18: a list that it has already is a 304", async () => {
		const first = await api.get("/api/areas/buy");
		const headers = { "If-None-Match": first.headers.get("ETag") ?? "" };
		const second = await api.get("/api/areas/buy", undefined, { headers });
		expect(second.status).toBe(304);
		expect(await second.text()).toBe("");
	});
});

describe("while the market is made up", () => {
	test("every answer says so in a header, and every object in a member", async () => {
		const made = await createTestDatabase();
		await seedSmallMarket(made.db, "sample");
		const fresh = await createTestApp({ database: made });
		expect((await fresh.get("/api/areas/buy")).headers.get("X-Retyn-Data")).toBe("SAMPLE");
		const sampled = await createTestApp({ database: made });
		const firstRefused = await sampled.value({ ...FLAT, area: "Atlantis" });
		expect(await firstRefused.json()).toMatchObject({ data: "SAMPLE" });
		const valuation = await sampled.value(FLAT);
		expect(await valuation.json()).toMatchObject({
			data: "SAMPLE",
			valuation: {
				data: "SAMPLE",
				comparables: expect.arrayContaining([expect.objectContaining({ data: "SAMPLE" })]),
			},
		});
		const hit = await sampled.value(FLAT);
		const refused = await sampled.value({});
		expect(await refused.json()).toMatchObject({ data: "SAMPLE" });
		for (const response of [valuation, hit, refused, await sampled.get("/api/areas/buy")]) {
			expect(response.headers.get("X-Retyn-Data")).toBe("SAMPLE");
		}
		await made.drop();
	});

	test("and no answer does once it is not", async () => {
		const response = await api.value(FLAT);
		expect(response.headers.get("X-Retyn-Data")).toBeNull();
		expect(await response.text()).not.toContain("SAMPLE");
	});
});
