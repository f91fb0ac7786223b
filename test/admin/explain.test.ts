import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { policies } from "../../src/policies.ts";
import { counting } from "../auth/support.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type SmallMarket, seedSmallMarket } from "../support/market.ts";
import { type AdminApp, bodyOf, createAdminApp, FLAT } from "./support.ts";

let database: TestDatabase;
let market: SmallMarket;
let app: AdminApp;
let events: string[];
let statements: () => number;
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
});
beforeEach(async () => {
	const counted = counting(database);
	statements = counted.statements;
	events = [];
	app = await createAdminApp({
		database,
		db: counted.db,
		cacheListener: ({ type }) => void events.push(type),
	});
	// So that all that is kept in memory is.
	await app.value(FLAT);
	await app.ask("audit?limit=1");
	events = [];
});
afterAll(() => database.drop());

const explainOf = (asked: object) => bodyOf(app.tell("cache/explain", asked));
const query = (asked: Record<string, string>) => app.ask(`cache/explain?${new URLSearchParams(asked)}`);

const EACH_POLICY: [string, { method?: string; path: string; body?: object }][] = [
	["areas", { path: "/api/areas/buy" }],
	["property-types", { path: "/api/property-types/rent" }],
	["valuation", { method: "POST", path: "/api/property/valuation", body: FLAT }],
	["valuation-accuracy", { path: "/api/property/valuation/accuracy" }],
];

test.each(EACH_POLICY)("a request of the policy %s reaches the cache", async (policy, asked) => {
	expect(await explainOf(asked)).toMatchObject({ success: true, reached: true, policy });
});

test("every policy with a route is one of those", () => {
	const routed = Object.values(policies).filter(({ name }) => name !== "valuation-values");
	expect(EACH_POLICY.map(([name]) => name).toSorted()).toEqual(routed.map(({ name }) => name).toSorted());
});

describe("what would be done with a request", () => {
	test("is told with its key and what that is made of, and why it is a miss", async () => {
		const told = await explainOf({ path: "/api/areas/buy" });
		expect(told).toMatchObject({
			policy: "areas",
			key: expect.stringMatching(/^areas:/),
			tags: ["names:sales"],
			state: "none",
			served: false,
			stored_bytes: null,
		});
		expect(told.parts.input).toBeObject();
	});

	test("is told with age and size once it is stored", async () => {
		app.clock.advance(7_000);
		const told = await bodyOf(
			query({ method: "post", path: "/api/property/valuation", body: JSON.stringify(FLAT) }),
		);
		expect(told).toMatchObject({ state: "fresh", served: true, age_s: 7, tier: "memory" });
		expect(told.tags).toContain(`area:${market.areaIds.businessBay}`);
		expect(told.ttl_s).toBeGreaterThan(0);
		const { entry } = await bodyOf(app.ask(`cache/entries/${encodeURIComponent(told.key)}`));
		expect(told.stored_bytes).toBe(entry.bytes);
		expect(JSON.stringify(told)).not.toContain("price");
	});

	test("tells one form of a property from another by the key", async () => {
		const valuation = { method: "POST", path: "/api/property/valuation" };
		const one = await explainOf({ ...valuation, body: FLAT });
		const same = await explainOf({ ...valuation, body: { ...FLAT, area: "BUSINESS BAY", bedrooms: 1 } });
		const other = await explainOf({ ...valuation, body: { ...FLAT, size_sqm: 71 } });
		expect(same.key).toBe(one.key);
		expect(other.key).not.toBe(one.key);
		expect(other.state).toBe("none");
	});

	test("is done nothing of: no handler runs, nothing is stored, counted or asked of the database", async () => {
		const before = statements();
		for (const [, asked] of EACH_POLICY) await explainOf(asked);
		expect(statements()).toBe(before);
		expect(events).toEqual([]);
		expect((await bodyOf(app.ask("cache/entries?prefix=areas:"))).entries).toEqual([]);
	});

	test("names the request's fault where the cache is not reached", async () => {
		expect(await explainOf({ path: "/api/areas/nonsense" })).toMatchObject({
			reached: false,
			status: 404,
			why: "The search type must be one of: buy, rent, trends.",
		});
		expect(
			await explainOf({ method: "POST", path: "/api/property/valuation", body: { area: 1 } }),
		).toMatchObject({ reached: false, status: 422, why: expect.stringContaining("property_type") });
	});
});

describe("a path behind which no cache stands", () => {
	test.each([
		["GET", "/api/admin/cache/stats"],
		["POST", "/api/admin/cache/purge"],
		["POST", "/api/auth/token"],
		["GET", "/api/auth/me"],
		["POST", "/api/property/valuations"],
		["POST", "/api/areas/buy"],
		["GET", "/api/areas/buy/more"],
		["GET", "/api/areas/../admin/audit"],
		["POST", "/api/areas/%2e%2e/property/valuations"],
		["GET", "/api//areas/buy"],
		["GET", "/api/"],
	])("is not asked: %s %s", async (method, path) => {
		const before = statements();
		const asked =
			method === "POST" ? { method, path, body: { subjects: [FLAT], everything: true } } : { path };
		const response = await app.tell("cache/explain", asked);
		expect(response.status).toBe(200);
		expect(await bodyOf(response)).toMatchObject({ reached: false, status: null });
		expect(statements()).toBe(before);
	});

	test.each([
		"http://169.254.169.254/api/areas/buy",
		"//elsewhere.example/api/areas/buy",
		"\\\\elsewhere.example/api/areas/buy",
		"/livez",
		"/api",
		"/api/../livez",
		"api/areas/buy",
		"/api/areas/buy\r\nX: y",
		"",
		`/api/${"a".repeat(5_000)}`,
	])("and no path of ours is refused: %j", async (path) => {
		expect((await app.tell("cache/explain", { path })).status).toBe(422);
		expect((await query({ path })).status).toBe(422);
	});
});

test.each<[object, string]>([
	[{ path: "/api/areas/buy", method: "DELETE" }, "method: must be one of: GET, HEAD, POST"],
	[{ path: "/api/areas/buy", method: "CONNECT" }, "method: must be one of"],
	[{ path: "/api/areas/buy", body: "{}" }, "A GET request has no body"],
	[{ path: "/api/areas/buy", host: "elsewhere" }, 'Unrecognized key: "host"'],
	[
		{ path: "/api/areas/buy", headers: { "a b": "c" } },
		"headers: must be names of headers with their values",
	],
	[{ path: "/api/areas/buy", headers: { a: "b\r\nc: d" } }, "must not have control characters in it"],
	[{}, "path:"],
])("refuses %j", async (asked, sentence) => {
	const response = await app.tell("cache/explain", asked);
	expect(response.status).toBe(422);
	expect((await bodyOf(response)).detail).toContain(sentence);
});

test("credentials among the headers change nothing, and a body of 1 MB is too large", async () => {
	const headers = { Authorization: "Bearer nonsense", Cookie: "session=x", Host: "elsewhere.example" };
	expect(await explainOf({ path: "/api/areas/buy", headers })).toMatchObject({ reached: true });
	const huge = { method: "POST", path: "/api/property/valuation", body: "x".repeat(1_000_000) };
	expect((await app.tell("cache/explain", huge)).status).toBe(413);
});
