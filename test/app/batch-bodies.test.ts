import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { recordingLogger } from "../auth/support.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";

const logger = recordingLogger();
let database: TestDatabase;
let api: TestApp;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
	api = await createTestApp({ database, logger, env: { VALUATION_BATCHES_PER_MINUTE: "10000" } });
});
afterAll(() => database.drop());

const PATH = "/api/property/valuations";
const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };
const INJECTION = "'); drop table sales; --";

async function expectProblem(response: Response, status: number, kind: string) {
	expect(response.headers.get("Content-Type")).toBe("application/problem+json");
	const problem = (await response.json()) as { detail: string; errors?: { path: string }[] };
	expect(problem).toMatchObject({ type: `urn:retyn:problem:${kind}`, status });
	expect(response.status).toBe(status);
	return problem;
}

describe("the body of a list", () => {
	test.each([
		["none", { subjects: [] }, "at least one property"],
		["1,001 properties", { subjects: Array(1_001).fill(FLAT) }, "1,000 properties or fewer"],
		["one that is no list", { subjects: FLAT }, "subjects: "],
		["one that is null", { subjects: null }, "subjects: "],
		["no list at all", {}, "subjects: "],
		["the list alone", [FLAT], "The request body is not valid"],
		["an unknown member", { subjects: [FLAT], currency: "USD" }, "currency"],
	])("with %s is refused as a whole", async (_, body, words) => {
		const { detail } = await expectProblem(await api.post(PATH, body), 422, "invalid-request");
		expect(detail).toContain(words);
	});

	test("with 1,000 properties is answered", async () => {
		const response = await api.post(PATH, { subjects: Array(1_000).fill(FLAT) });
		expect(response.status).toBe(200);
		expect(await response.json()).toMatchObject({ valued: 1_000, not_valued: 0 });
	});

	test.each([
		["half an object", '{"subjects": [{"property_type": "Flat"', 400, "malformed-body"],
		["nothing", "", 400, "malformed-body"],
		["500,000 brackets", "[".repeat(500_000), 400, "malformed-body"],
	])("that is %s is refused", async (_, body, status, kind) => {
		await expectProblem(await api.post(PATH, body), status, kind);
	});

	test("of another type is refused", async () => {
		const response = await api.post(PATH, { subjects: [FLAT] }, { type: "text/plain" });
		await expectProblem(response, 415, "unsupported-media-type");
	});
});

describe("a body's size", () => {
	/** A list of this many bytes, most of them spaces. */
	const ofBytes = (bytes: number) => JSON.stringify({ subjects: [FLAT] }).padEnd(bytes);
	const KIB = 1024;

	test("may be over 64 KiB and up to 512 KiB for a list", async () => {
		for (const bytes of [65 * KIB, 512 * KIB]) {
			expect((await api.post(PATH, ofBytes(bytes))).status).toBe(200);
		}
	});

	test("over 512 KiB is a 413, declared or not", async () => {
		const declared = await api.post(PATH, ofBytes(512 * KIB + 1));
		expect((await expectProblem(declared, 413, "body-too-large")).detail).toContain("512 KiB");
		const streamed = await api.get(PATH, undefined, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: new Blob([ofBytes(513 * KIB)]).stream(),
		});
		await expectProblem(streamed, 413, "body-too-large");
	});

	test.each([
		"/api/property/valuation",
		"/api/property/valuations/",
		"/api/property//valuations",
		"/api/auth/token",
	])("stays at 64 KiB for %s", async (path) => {
		const problem = await expectProblem(await api.post(path, ofBytes(65 * KIB)), 413, "body-too-large");
		expect(problem.detail).toContain("64 KiB");
	});
});

describe("hostile properties", () => {
	const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
	const json = (change: object) => JSON.stringify({ ...FLAT, ...change });
	const HOSTILE = [
		json({ area: INJECTION }),
		json({ property_type: INJECTION }),
		json({ project: INJECTION, view_type: INJECTION, floor_level: INJECTION, property_age: INJECTION }),
		json({ project: '"}]}\\"; select pg_sleep(9); {{"' }),
		json({ project: "\0" }),
		json({ project: "\ud800" }),
		json({ area: "\ud800" }),
		json({ view_type: "\u0000\uffff" }),
		json({}).replace("70", "1e999"),
		json({}).replace("70", "-0"),
		json({}).replace("70", "1e-320"),
		json({}).replace("70", "9".repeat(400)),
		json({ bedrooms: 1e308 }),
		json({ floor_level: 1e308, property_age: 1e308 }),
		json({ as_of: "0000-00-00" }),
		json({ as_of: "275760-09-13" }),
		json({ as_of: "2026-07-01'; --" }),
		json({ as_of: "2000-01-01" }),
		'{"__proto__": {"size_sqm": 70, "area": "Business Bay", "property_type": "Flat"}}',
		`{"__proto__": null, ${json({}).slice(1)}`,
		'{"constructor": {"prototype": {}}, "toString": 1, "hasOwnProperty": null}',
		json({ property_type: "__proto__", area: "constructor" }),
		json({ property_type: null, area: null, size_sqm: null }),
		nested(5_000),
		`{"area": ${nested(5_000)}, "property_type": {"toString": null}, "size_sqm": {"valueOf": 1}}`,
		json({ area: Array(100).fill("Business Bay") }),
		"true",
		"1e999",
		JSON.stringify("x".repeat(10_000)),
		JSON.stringify(
			Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`member-${index}`, index])),
		),
	];

	test("are each refused or valued, never a failure, and spoil no other", async () => {
		const body = `{"subjects": [${JSON.stringify(FLAT)}, ${HOSTILE.join(", ")}, ${JSON.stringify(FLAT)}]}`;
		const response = await api.post(PATH, body);
		const text = await response.text();
		expect(response.status).toBe(200);
		expect(text).not.toMatch(/unnest|recordset|\\n\s+at |postgres|drizzle|node_modules|\.ts\b/i);
		const { results } = JSON.parse(text) as {
			results: { valuation?: object; problem?: { status: number } }[];
		};
		expect(results).toHaveLength(HOSTILE.length + 2);
		expect(results[0]).toHaveProperty("valuation");
		expect(results.at(-1)).toEqual(results[0]);
		const statuses = results.map((result) => (result.valuation ? 200 : result.problem?.status));
		expect(statuses.filter((status) => status !== 200 && status !== 422)).toEqual([]);
		expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
		expect(Object.prototype).not.toHaveProperty("size_sqm");
		expect((await api.value(FLAT)).status).toBe(200);
	});

	test("a thousand long names of nothing are refused in no time", async () => {
		const area = (index: number) => `${index} ${"bay park hill ".repeat(8)}`.slice(0, 120).trim();
		const subjects = Array.from({ length: 1_000 }, (_, index) => ({ ...FLAT, area: area(index) }));
		const begun = performance.now();
		const response = await api.post(PATH, { subjects });
		expect(await response.json()).toMatchObject({ valued: 0, not_valued: 1_000 });
		expect(performance.now() - begun).toBeLessThan(5_000);
	});
});
