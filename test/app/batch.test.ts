import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { counting } from "../auth/support.ts";
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

const PATH = "/api/property/valuations";
const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 };
const VILLA = { property_type: "Villa", area: "Mirdif", size_sqm: 320, bedrooms: 4 };

interface Batch {
	success: boolean;
	valued: number;
	not_valued: number;
	results: { valuation?: Record<string, unknown>; problem?: Record<string, unknown> }[];
}

async function batch(subjects: readonly unknown[], of: TestApp = api): Promise<Batch> {
	const response = await of.post(PATH, { subjects });
	expect(response.status).toBe(200);
	return (await response.json()) as Batch;
}

const problemOf = async (subject: unknown) => (await batch([subject])).results[0]?.problem;

describe("a list of properties", () => {
	test("has a result for each, in their order, as each would have by itself", async () => {
		const subjects = [
			VILLA,
			{ ...FLAT, area: "Atlantis" },
			FLAT,
			{ ...FLAT, project: "Test Tower", size_sqm: 71 },
			{ ...FLAT, area: "Thin Place" },
			{ ...FLAT, size_sqm: -1 },
			{ property_type: "Apartment", area: "JVC", size_sqm: 40, bedrooms: "Studio" },
		];
		const { success, valued, not_valued, results } = await batch(subjects);
		expect({ success, valued, not_valued }).toEqual({ success: true, valued: 4, not_valued: 3 });
		expect(results.map((result) => Object.keys(result))).toEqual(
			["valuation", "problem", "valuation", "valuation", "problem", "problem", "valuation"].map((key) => [
				key,
			]),
		);
		const alone = await createTestApp({ database });
		for (const [index, subject] of subjects.entries()) {
			const response = await alone.value(subject);
			const body = (await response.json()) as Record<string, unknown>;
			const { request_id: _, ...single } = body;
			const result = results[index];
			expect(result).toEqual(
				response.ok
					? { valuation: single["valuation"] as Record<string, unknown> }
					: { problem: withSubject(single, result?.problem) },
			);
		}
	});

	test("says of a property that breaks the rules every one that it breaks", async () => {
		const problem = await problemOf({ property_type: 5, area: "", size_sqm: -1, bedroom: 2 });
		expect(problem).toMatchObject({
			type: "urn:retyn:problem:invalid-request",
			title: "The request is not valid",
			status: 422,
			detail: expect.stringMatching(/^The subject is not valid: .*size_sqm: must be 5 square metres or more/),
		});
		const errors = problem?.["errors"] as { path: string; message: string }[];
		expect(errors.map(({ path }) => path).sort()).toEqual(["", "area", "property_type", "size_sqm"]);
		expect(errors.find(({ path }) => path === "")?.message).toContain("bedroom");
	});

	test.each([
		["area", { ...FLAT, area: "Business Park" }, "unknown-area", { suggestions: ["Business Bay"] }],
		["type", { ...FLAT, property_type: "Castle" }, "invalid-request", { allowed: ["Flat", "Villa"] }],
		["day", { ...FLAT, as_of: "2026-08-02" }, "invalid-request", {}],
		["land", { ...FLAT, property_type: "Land" }, "not-valued", {}],
		[
			"evidence",
			{ ...FLAT, area: "Thin Place" },
			"insufficient-evidence",
			{ comparables_found: 1, comparables_needed: 5 },
		],
	])("says of a property without a value why: %s", async (_, subject, kind, members) => {
		expect(await problemOf(subject)).toMatchObject({
			type: `urn:retyn:problem:${kind}`,
			title: expect.stringMatching(/^\w.{10,}/),
			status: 422,
			detail: expect.stringMatching(/\w.{20,}\.$/),
			...members,
		});
	});

	test("of one in which nothing is right is answered all the same", async () => {
		const { valued, not_valued, results } = await batch([null, 1, "Flat", [], [[FLAT]], {}]);
		expect({ valued, not_valued }).toEqual({ valued: 0, not_valued: 6 });
		expect(results.every(({ problem }) => problem?.["status"] === 422)).toBe(true);
	});

	test("is never stored by anybody, and the same list is worked out for each who asks", async () => {
		const response = await api.post(PATH, { subjects: [FLAT] });
		expect(response.headers.get("Cache-Control")).toBe("no-store");
		expect(response.headers.get("Cache-Status")).toBeNull();
		expect(response.headers.get("ETag")).toBeNull();
	});

	test("needs a signed-in caller", async () => {
		const response = await api.post(PATH, { subjects: [FLAT] }, { token: null });
		expect(response.status).toBe(401);
		expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:unauthenticated" });
	});

	test("says in every result that the market is made up, while it is", async () => {
		const made = await createTestDatabase();
		try {
			await seedSmallMarket(made.db, "sample");
			const sampled = await createTestApp({ database: made });
			const response = await sampled.post(PATH, { subjects: [FLAT, {}] });
			expect(response.headers.get("X-Retyn-Data")).toBe("SAMPLE");
			expect(await response.json()).toMatchObject({
				data: "SAMPLE",
				results: [{ valuation: { data: "SAMPLE" } }, { problem: { data: "SAMPLE" } }],
			});
		} finally {
			await made.drop();
		}
	});

	test("of three hundred takes a handful of statements, hardly more than one property does", async () => {
		const counted = counting(database);
		const fresh = await createTestApp({ database, db: counted.db });
		await batch([VILLA], fresh);
		const before = counted.statements();
		await batch([{ ...VILLA, size_sqm: 331 }], fresh);
		const ofOne = counted.statements() - before;
		const areas = ["Business Bay", "JVC", "Mirdif"];
		const { valued } = await batch(
			Array.from({ length: 300 }, (_, index) => ({
				property_type: index % 3 === 2 ? "Villa" : "Flat",
				area: areas[index % 3],
				size_sqm: ([60, 36, 300][index % 3] as number) + index / 60,
				...(index % 6 === 0 && { project: "Test Tower" }),
				as_of: `2026-07-${20 + (index % 7)}`,
			})),
			fresh,
		);
		expect(valued).toBeGreaterThan(250);
		expect(counted.statements() - before - ofOne).toBeLessThanOrEqual(2 * ofOne + 2);
		expect(ofOne).toBeLessThanOrEqual(8);
	});
});

/** The only difference: what was wrong is the subject, not the body. */
function withSubject(
	single: Record<string, unknown>,
	problem: Record<string, unknown> | undefined,
): Record<string, unknown> {
	const detail = String(single["detail"]).replace("The request body is", "The subject is");
	expect(problem?.["detail"]).toBe(detail);
	return { ...single, detail };
}

describe("one caller of lists", () => {
	test("who asks for too many in a short time is held back, others are not", async () => {
		const limited = await createTestApp({ database, env: { VALUATION_BATCHES_PER_MINUTE: "2" } });
		const ask = (token?: string) => limited.post(PATH, { subjects: [FLAT] }, token ? { token } : {});
		for (let round = 0; round < 2; round += 1) expect((await ask()).status).toBe(200);
		const refused = await ask();
		expect(refused.status).toBe(429);
		expect(Number(refused.headers.get("Retry-After"))).toBeWithin(1, 31);
		expect(await refused.json()).toMatchObject({ type: "urn:retyn:problem:too-many-requests" });
		expect((await ask(await limited.signUp())).status).toBe(200);
		limited.clock.advance(30_000);
		expect((await ask()).status).toBe(200);
	});

	test("is not held back by what single valuations may cost, nor the other way round", async () => {
		const env = { VALUATION_BATCHES_PER_MINUTE: "1", VALUATION_MISSES_PER_MINUTE: "1" };
		const limited = await createTestApp({ database, env });
		const subjects = [61, 62, 63].map((size_sqm) => ({ ...FLAT, size_sqm }));
		expect(await batch(subjects, limited)).toMatchObject({ valued: 3 });
		expect((await limited.value({ ...FLAT, size_sqm: 64 })).status).toBe(200);
		expect((await limited.value({ ...FLAT, size_sqm: 65 })).status).toBe(429);
	});
});
