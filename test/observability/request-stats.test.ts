import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type App, createApp } from "../../src/app.ts";
import { createNoopStore } from "../../src/cache/index.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { createRequestStats, type RequestReport } from "../../src/observability/request-stats.ts";
import { createValuationStats } from "../../src/observability/valuation-stats.ts";
import { SEGMENTS } from "../../src/valuation/segment.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { quickPasswords } from "../support/passwords.ts";

let database: TestDatabase;
let app: App;
let token: string;
const stats = createRequestStats();
const valuations = createValuationStats(SEGMENTS);
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
	const { config, clock, token: issued } = await createTestApp({ database });
	token = issued;
	app = createApp({
		config,
		clock,
		logger: silentLogger,
		db: database.db,
		store: createNoopStore(),
		passwords: quickPasswords,
		onRequest: stats.observe,
		onValued: valuations.onValued,
	});
});
afterAll(() => database.drop());

function countOf({ series }: RequestReport, route: string, method: string, status: string): number {
	const found = series.find((one) => one.route === route && one.method === method && one.status === status);
	return found?.count ?? 0;
}

/** Asks, and tells which series that has raised. */
async function countedAs(path: string, init: RequestInit = {}): Promise<string[]> {
	const before = stats.report();
	await app.request(path, init);
	return stats
		.report()
		.series.filter(({ route, method, status, count }) => count > countOf(before, route, method, status))
		.map(({ route, method, status }) => `${method} ${route} ${status}`);
}

describe("a request is counted", () => {
	test("by the pattern of its route, not by what stands in its place", async () => {
		const headers = { Authorization: `Bearer ${token}` };
		expect(await countedAs("/api/areas/buy", { headers })).toEqual(["GET /api/areas/:searchType 200"]);
		expect(await countedAs("/api/areas/rent?x=1", { headers })).toEqual(["GET /api/areas/:searchType 200"]);
		expect(await countedAs("/livez")).toEqual(["GET /livez 200"]);
		expect(await countedAs("/livez", { method: "HEAD" })).toEqual(["HEAD /livez 200"]);
	});

	test("under its route also where it was refused before its handler", async () => {
		expect(await countedAs("/api/areas/buy")).toEqual(["GET /api/areas/:searchType 401"]);
		const init = { method: "POST", headers: { Authorization: `Bearer ${token}` }, body: "{" };
		expect(await countedAs("/api/property/valuation", init)).toEqual([
			expect.stringMatching(/^POST \/api\/property\/valuation 4\d\d$/),
		]);
	});

	test("as unmatched where there is no such route, inside of /api and elsewhere", async () => {
		const headers = { Authorization: `Bearer ${token}` };
		expect(await countedAs("/api/nothing/here", { headers })).toEqual(["GET unmatched 404"]);
		expect(await countedAs("/api/nothing/here")).toEqual(["GET unmatched 401"]);
		expect(await countedAs("/wp-login.php")).toEqual(["GET unmatched 404"]);
		expect(await countedAs("/livez", { method: "DELETE" })).toEqual(["DELETE unmatched 404"]);
	});

	test("with a method that none of ours is as other", async () => {
		expect(await countedAs("/livez", { method: "PROPFIND" })).toEqual(["other unmatched 404"]);
	});

	test("with its time, which is finer than a millisecond", async () => {
		const before = stats.report().times["/livez"];
		for (let index = 0; index < 50; index += 1) await app.request("/livez");
		const after = stats.report().times["/livez"];
		expect((after?.count ?? 0) - (before?.count ?? 0)).toBe(50);
		expect(after?.sum ?? 0).toBeGreaterThan(before?.sum ?? 0);
	});
});

describe("counts of requests", () => {
	test("stop growing at 300, and tell of all others by the first digit of their status", () => {
		const { observe, report } = createRequestStats();
		for (let index = 0; index < 1_000; index += 1) observe(`/route/${index}`, "GET", 200, 1);
		for (let index = 0; index < 200; index += 1) observe(`/late/${index}`, "POST", 503, 1);
		observe("/route/7", "GET", 200, 1);
		const { series, times } = report();
		expect(series).toHaveLength(302);
		expect(countOf(report(), "other", "other", "2xx")).toBe(700);
		expect(countOf(report(), "other", "other", "5xx")).toBe(200);
		expect(countOf(report(), "/route/7", "GET", "200")).toBe(2);
		expect(series.reduce((sum, { count }) => sum + count, 0)).toBe(1_201);
		expect(times["other"]?.count).toBe(900);
		expect(Object.keys(times)).toHaveLength(301);
	});
});

test("a valuation is counted by its segment, and by whether there were sales enough", async () => {
	const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
	async function ask(area: string, property_type: string): Promise<number> {
		const body = JSON.stringify({ area, property_type, size_sqm: property_type === "Villa" ? 320 : 70 });
		return (await app.request("/api/property/valuation", { method: "POST", headers, body })).status;
	}
	expect(await ask("Business Bay", "Flat")).toBe(200);
	expect(await ask("Business Bay", "Flat")).toBe(200);
	expect(await ask("Mirdif", "Villa")).toBe(200);
	expect(await ask("Thin Place", "Flat")).toBe(422);
	// Nobody knows that place, so nothing was valued.
	expect(await ask("Nowhere", "Flat")).toBeGreaterThanOrEqual(400);
	expect(valuations.report().filter(({ count }) => count > 0)).toEqual([
		{ segment: "flat-ready", outcome: "valued", count: 2 },
		{ segment: "flat-ready", outcome: "insufficient-evidence", count: 1 },
		{ segment: "villa-ready", outcome: "valued", count: 1 },
	]);
});
