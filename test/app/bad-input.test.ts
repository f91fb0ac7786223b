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

const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };
const json = (change: object) => JSON.stringify({ ...FLAT, ...change });
const INJECTION = "'; drop table sales; --";

/** Nothing that only we should know: no SQL, no stack, no driver's words, no paths. */
function expectNoLeak(text: string): void {
	expect(text).not.toMatch(/\bselect\b.*\bfrom\b|\n\s+at |postgres|drizzle|node_modules|\.ts\b/i);
}

async function expectProblem(response: Response, status: number, kind: string): Promise<{ detail: string }> {
	const text = await response.text();
	expectNoLeak(text);
	expect(response.status).toBe(status);
	expect(response.headers.get("Content-Type")).toBe("application/problem+json");
	const problem = JSON.parse(text);
	expect(problem).toMatchObject({
		type: `urn:retyn:problem:${kind}`,
		status,
		request_id: expect.any(String),
	});
	expect(problem.detail.length).toBeGreaterThan(15);
	return problem;
}

describe("a valuation's body", () => {
	test.each([
		["nothing", "", 400, "malformed-body"],
		["half an object", '{"property_type": "Flat"', 400, "malformed-body"],
		["NaN", '{"property_type":"Flat","area":"Business Bay","size_sqm":NaN}', 400, "malformed-body"],
		["100,000 brackets in 60 kB", "[".repeat(60_000), 400, "malformed-body"],
		[
			"nested lists in a member",
			json({ area: JSON.parse("[".repeat(500) + "]".repeat(500)) }),
			422,
			"invalid-request",
		],
		["a list", "[]", 422, "invalid-request"],
		["null", "null", 422, "invalid-request"],
		["no members", "{}", 422, "invalid-request"],
		["no size", json({ size_sqm: undefined }), 422, "invalid-request"],
		["a size of 1e999", json({}).replace("70", "1e999"), 422, "invalid-request"],
		["a negative size", json({ size_sqm: -70 }), 422, "invalid-request"],
		["a size of nothing", json({ size_sqm: 0 }), 422, "invalid-request"],
		["an immense size", json({ size_sqm: 1e15 }), 422, "invalid-request"],
		["a size in words", json({ size_sqm: "70" }), 422, "invalid-request"],
		["half a bedroom", json({ bedrooms: 1.5 }), 422, "invalid-request"],
		["a million bedrooms", json({ bedrooms: 1_000_000 }), 422, "invalid-request"],
		["bedrooms in words", json({ bedrooms: "some" }), 422, "invalid-request"],
		["an area that is a number", json({ area: 7 }), 422, "invalid-request"],
		["an empty area", json({ area: "  " }), 422, "invalid-request"],
		["an endless area", json({ area: "a".repeat(5_000) }), 422, "invalid-request"],
		["a misspelt member", json({ bedroom: 2 }), 422, "invalid-request"],
		["an unknown status", json({ development_status: "Soon" }), 422, "invalid-request"],
		["a day that does not exist", json({ as_of: "2026-02-30" }), 422, "invalid-request"],
		["a day to come", json({ as_of: "2026-08-02" }), 422, "invalid-request"],
		["an unknown area", json({ area: "Atlantis" }), 422, "unknown-area"],
		["an unknown type", json({ property_type: "Castle" }), 422, "invalid-request"],
		["a type that every object has", json({ property_type: "__proto__" }), 422, "invalid-request"],
		["a type that is a function", json({ property_type: "constructor" }), 422, "invalid-request"],
		["an area that every object has", json({ area: "__proto__" }), 422, "unknown-area"],
		["a floor that is an object", json({ floor_level: {} }), 422, "invalid-request"],
		["SQL for an area", json({ area: INJECTION }), 422, "unknown-area"],
		["SQL for a type", json({ property_type: INJECTION }), 422, "invalid-request"],
		["a NUL in an area", json({ area: "Business\0Bay" }), 422, "unknown-area"],
		["a lone surrogate", json({ area: "\ud800" }), 422, "unknown-area"],
		["members of the prototype", '{"__proto__": {"size_sqm": 70}, "constructor": 1}', 422, "invalid-request"],
	])("with %s is refused", async (_, body, status, kind) => {
		await expectProblem(await api.post("/api/property/valuation", body), status, kind);
	});

	test("with SQL for a project is valued without it, and the table stays", async () => {
		const response = await api.value({ ...FLAT, project: INJECTION });
		expect(response.status).toBe(200);
		expect((await api.get("/api/areas/buy")).status).toBe(200);
	});

	test("of 10 MB is refused, declared or not", async () => {
		const body = json({ area: "a".repeat(10_000_000) });
		await expectProblem(await api.post("/api/property/valuation", body), 413, "body-too-large");
		const stream = new Blob([body]).stream();
		const streamed = await api.get("/api/property/valuation", undefined, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: stream,
		});
		await expectProblem(streamed, 413, "body-too-large");
	});

	test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])(
		'of type "%s" is refused',
		async (type) => {
			const response = await api.post("/api/property/valuation", json({}), { type });
			await expectProblem(response, 415, "unsupported-media-type");
		},
	);

	test("in which several things are wrong is told all of them", async () => {
		const response = await api.value({ property_type: 5, area: "", size_sqm: -1 });
		const { errors } = (await response.json()) as { errors: { path: string }[] };
		expect(errors.map(({ path }) => path).sort()).toEqual(["area", "property_type", "size_sqm"]);
	});

	test("with an area that is nearly right is told which ones look like it", async () => {
		const response = await api.value({ ...FLAT, area: "Business Park" });
		expect(await response.json()).toMatchObject({ suggestions: ["Business Bay"] });
	});
});

describe("without a token", () => {
	test.each([
		["GET", "/api/areas/buy"],
		["GET", "/api/areas/nonsense"],
		["GET", "/api/property-types/rent"],
		["POST", "/api/property/valuation"],
	])("%s %s is a 401, even when the answer is stored", async (method, path) => {
		await api.get("/api/areas/buy");
		const response = await api.get(path, null, { method });
		expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
		await expectProblem(response, 401, "unauthenticated");
	});
});

test("an address that leads nowhere is a 404 problem", async () => {
	await expectProblem(await api.get("/api/areas"), 404, "not-found");
	await expectProblem(await api.get("/%00/..%2f..%2fetc/passwd"), 404, "not-found");
	await expectProblem(await api.get("/api/property/valuation"), 404, "not-found");
});

test("a junk request id is not repeated, a sound one is", async () => {
	const junk = await api.get("/livez", null, { headers: { "X-Request-Id": "a b<script>" } });
	expect(junk.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
	const sound = await api.get("/livez", null, { headers: { "X-Request-Id": "trace-1" } });
	expect(sound.headers.get("X-Request-Id")).toBe("trace-1");
});
