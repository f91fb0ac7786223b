import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { type CacheStore, createMemoryStore } from "../../src/cache/index.ts";
import { createDatabaseLink, type DatabaseLink } from "../auth/database-link.ts";
import { createTestClock, type TestClock } from "../cache/support/clock.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { MARKET_DAY, seedSmallMarket } from "../support/market.ts";

const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };
const STATUS = "Cache-Status";
/** Nobody waits for the database, but the machine is shared. */
const AT_ONCE_MS = 500;

let database: TestDatabase;
let link: DatabaseLink;
let linked: DatabaseHandle;
let clock: TestClock;
let store: CacheStore;
let api: TestApp;
beforeEach(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db, "sample");
	link = await createDatabaseLink(database.url);
	linked = openDatabase({ url: link.url, max: 2, connectTimeoutS: 1 });
	clock = createTestClock(Date.parse(`${MARKET_DAY}T00:30:00+04:00`));
	store = createMemoryStore({ clock, maxBytes: 8 * 1024 * 1024 });
	api = await createTestApp({ database, db: linked.db, clock, store });
});
afterEach(async () => {
	await linked.sql.end({ timeout: 0 });
	await link.close();
	await database.drop();
});

type Ask = (app: TestApp, token?: string) => Promise<Response>;

/** Not through the test's own helpers, which wait for what goes on behind the answer. */
const routes: [string, Ask][] = [
	["areas", (app, token) => ask(app, token, "/api/areas/buy")],
	["property types", (app, token) => ask(app, token, "/api/property-types/rent")],
	["a valuation", (app, token) => ask(app, token, "/api/property/valuation", FLAT)],
];

async function ask(app: TestApp, token = app.token, path: string, body?: object): Promise<Response> {
	const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
	return app.app.request(path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
}

async function expectUnavailable(response: Response): Promise<void> {
	expect(response.status).toBe(503);
	expect(response.headers.get("Content-Type")).toBe("application/problem+json");
	expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
	const problem = await response.text();
	expect(JSON.parse(problem)).toMatchObject({ type: "urn:retyn:problem:unavailable", data: "SAMPLE" });
	expect(problem).not.toMatch(/select|127\.0\.0\.1|ECONN|drizzle/i);
}

async function warm(app: TestApp): Promise<void> {
	for (const [, ask] of routes) expect((await ask(app)).status).toBe(200);
	await app.app.cache.settled();
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
	const begun = performance.now();
	return { result: await work(), ms: performance.now() - begun };
}

describe.each(routes)("%s, with the database gone", (_, ask) => {
	test("30, 31: stays the same to a caller who is known: fresh first, then marked as stale", async () => {
		await warm(api);
		const before = await (await ask(api)).text();
		await link.cut();
		const fresh = await ask(api);
		expect(fresh.headers.get(STATUS)).toMatch(/^RetynAVM;hit;ttl=[1-9]\d*$/);
		expect(await fresh.text()).toBe(before);
		for (const pastS of [1_200, 1_200, 1_400]) {
			clock.advance(pastS * 1000);
			// One request waits for the token's check in vain.
			expect((await ask(api)).status).toBe(200);
			const { result, ms } = await timed(() => ask(api));
			expect(result.status).toBe(200);
			expect(await result.text()).toBe(before);
			expect(result.headers.get("X-Retyn-Data")).toBe("SAMPLE");
			expect(ms).toBeLessThan(AT_ONCE_MS);
		}
		expect((await ask(api)).headers.get(STATUS)).toMatch(/^RetynAVM;hit;ttl=-\d+$/);
	});

	test("31: is a 503 when the last answer is too old", async () => {
		await warm(api);
		clock.advance(25 * 3600_000);
		const token = await api.signUp();
		await link.cut();
		await expectUnavailable(await ask(api, token));
	});

	test("26: is a 503 problem with Retry-After when it was never seen, again and again and at once", async () => {
		await Promise.all([api.app.directory.current(), api.app.models.current()]);
		await link.cut();
		const first = await ask(api);
		expect(first.headers.get(STATUS)).toMatch(/^RetynAVM;fwd=uri-miss;fwd-status=50\d$/);
		await expectUnavailable(first);
		const { result: second, ms } = await timed(() => ask(api));
		expect(ms).toBeLessThan(AT_ONCE_MS);
		expect(second.headers.get(STATUS)).toBe("RetynAVM;detail=busy");
		await expectUnavailable(second);
	});
});

test("30: with a database that accepts and never answers, what is stored comes at once, fresh or stale", async () => {
	await warm(api);
	link.silence();
	for (const [, ask] of routes) {
		const { result, ms } = await timed(() => ask(api));
		expect(result.headers.get(STATUS)).toMatch(/;hit;ttl=[1-9]/);
		expect(ms).toBeLessThan(AT_ONCE_MS);
	}
	clock.advance(3_700_000);
	const { result: first, ms } = await timed(() => ask(api, undefined, "/api/areas/buy"));
	expect(first.status).toBe(200);
	// The token's check is no longer remembered: 2 s are waited for another, once.
	expect(ms).toBeLessThan(2_000 + AT_ONCE_MS);
	for (const [, ask] of routes) {
		const { result, ms } = await timed(() => ask(api));
		expect(result.headers.get(STATUS)).toMatch(/;hit;ttl=-\d/);
		expect(ms).toBeLessThan(AT_ONCE_MS);
	}
});

test("a process that starts while the database hangs gives what is stored: late once, then at once", async () => {
	await warm(api);
	const own = openDatabase({ url: link.url, max: 2, connectTimeoutS: 1 });
	const started = await createTestApp({ database, db: own.db, clock, store });
	link.silence();
	const areas = () => ask(started, undefined, "/api/areas/buy");
	const { result: first, ms } = await timed(areas);
	// 2 s for the token, 1 s for the names of the market.
	expect(ms).toBeLessThan(3_000 + AT_ONCE_MS);
	expect(first.headers.get(STATUS)).toContain(";hit;");
	expect(first.headers.get("X-Retyn-Data")).toBe("SAMPLE");
	for (let round = 0; round < 20; round += 1) {
		const { result, ms } = await timed(areas);
		expect(result.headers.get(STATUS)).toContain(";hit;");
		expect(ms).toBeLessThan(AT_ONCE_MS);
	}
	await own.sql.end({ timeout: 0 });
});
