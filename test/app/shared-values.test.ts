import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { policies, tags } from "../../src/policies.ts";
import { counting } from "../auth/support.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestRedis } from "../cache/support/redis.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { MARKET_DAY, seedSmallMarket } from "../support/market.ts";

const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 };
/** The same home in other words. */
const AGAIN = { bedrooms: "1 B/R", size_sqm: 70.004, area: " business  BAY", property_type: "Apartment" };

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
});
afterAll(() => database.drop());

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Counted extends TestApp {
	/** How many statements the database was sent for it. */
	statementsOf(work: () => Promise<unknown>): Promise<number>;
	/** How many values were worked out, as the cache tells. */
	workedOut(): number;
}

async function start(options: Partial<TestAppOptions> = {}): Promise<Counted> {
	const counted = counting(database);
	let workedOut = 0;
	const api = await createTestApp({
		database,
		db: counted.db,
		cacheListener: (event) => {
			if (event.type === "filled" && event.policy === policies.values.name) workedOut += 1;
		},
		...options,
	});
	return {
		...api,
		async statementsOf(work) {
			// Whose token it is, the names and the model are known from here on.
			await api.get("/api/areas/buy");
			await Promise.all([api.app.models.refresh(), api.app.directory.refresh()]);
			const before = counted.statements();
			await work();
			return counted.statements() - before;
		},
		workedOut: () => workedOut,
	};
}

async function batch(api: TestApp, ...subjects: unknown[]): Promise<unknown[]> {
	const response = await api.post("/api/property/valuations", { subjects });
	const { results } = (await response.json()) as { results: { valuation: unknown }[] };
	return results.map(({ valuation }) => valuation);
}

async function single(api: TestApp, subject: unknown = FLAT) {
	const response = await api.value(subject);
	const { valuation } = (await response.json()) as { valuation: unknown };
	const status = response.headers.get("Cache-Status") ?? "";
	return { valuation, status };
}

describe("what a list has valued", () => {
	test("is given to who asks for it alone, without the database, and for as long as it is fresh", async () => {
		const api = await start();
		const [listed] = await batch(api, FLAT);
		api.clock.advance(120_000);
		const statements = await api.statementsOf(async () => {
			const { valuation, status } = await single(api, AGAIN);
			expect(valuation).toEqual(listed);
			expect(status).toContain("fwd=uri-miss;stored");
		});
		expect(statements).toBe(0);
		const hit = await single(api);
		expect(hit.status).toBe("RetynAVM;hit;ttl=180");
		expect(hit.valuation).toEqual(listed);
		api.clock.advance(181_000);
		// Past its time: given once more while it is worked out anew.
		expect((await single(api)).status).toBe("RetynAVM;hit;ttl=-1");
		expect(api.workedOut()).toBe(2);
	});

	test("is worked out anew by the next list once it is 300 s old, and not a second before", async () => {
		const api = await start();
		await batch(api, FLAT);
		api.clock.advance(299_000);
		await batch(api, FLAT);
		expect(api.workedOut()).toBe(1);
		api.clock.advance(1_001);
		await batch(api, FLAT);
		expect(api.workedOut()).toBe(2);
	});

	test("is a single answer for a whole second at the least, however old it is", async () => {
		const api = await start();
		await batch(api, FLAT);
		api.clock.advance(299_700);
		await single(api);
		expect((await single(api)).status).toBe("RetynAVM;hit;ttl=1");
	});

	test("is of that property alone", async () => {
		const api = await start();
		const [listed] = await batch(api, FLAT);
		for (const change of [
			{ size_sqm: 70.01 },
			{ bedrooms: 2 },
			{ project: "Test Tower" },
			{ as_of: "2026-07-31" },
		]) {
			expect((await single(api, { ...FLAT, ...change })).valuation).not.toEqual(listed);
		}
		expect(api.workedOut()).toBe(5);
	});
});

describe("a list", () => {
	test("gives what a single request has valued before, without the database", async () => {
		const api = await start();
		const { valuation } = await single(api);
		const statements = await api.statementsOf(async () => {
			expect(await batch(api, AGAIN)).toEqual([valuation]);
		});
		expect(statements).toBe(0);
		expect(api.workedOut()).toBe(1);
	});

	test("gives it no more once its area, the model or all valuations were purged", async () => {
		const api = await start();
		await single(api);
		const [{ id } = { id: 0 }] = await database.sql`select id from areas where name = 'Business Bay'`;
		const purges = [{ tags: [tags.area(id)] }, { tags: [tags.model] }, { policy: policies.valuation.name }];
		for (const [index, purge] of purges.entries()) {
			await api.app.cache.purge(purge);
			await batch(api, FLAT);
			expect(api.workedOut()).toBe(2 + index);
		}
		await api.app.cache.purge({ tags: [tags.area(id + 1)] });
		await batch(api, FLAT);
		expect(api.workedOut()).toBe(4);
	});

	test("works a property out once that it names several times, however written", async () => {
		const api = await start();
		const valuations = await batch(api, FLAT, AGAIN, { ...FLAT, size_sqm: 71 }, FLAT);
		expect(api.workedOut()).toBe(2);
		expect(valuations[1]).toEqual(valuations[0]);
		expect(valuations[3]).toEqual(valuations[0]);
		expect(valuations[2]).not.toEqual(valuations[0]);
	});

	test("and single requests at the same time work each property out once", async () => {
		const api = await start();
		const [listed, alone, others] = await Promise.all([
			batch(api, FLAT, FLAT),
			single(api),
			batch(api, AGAIN),
		]);
		expect(api.workedOut()).toBe(1);
		expect(listed).toEqual([alone.valuation, alone.valuation]);
		expect(others).toEqual([alone.valuation]);
	});
});

test("two instances over one Redis share values, whichever route they were asked by", async () => {
	const redis = await createTestRedis();
	cleanUps.push(() => redis.stop());
	const clock = createTestClock(Date.parse(`${MARKET_DAY}T08:00:00+04:00`));
	const [first, second] = await Promise.all(
		[0, 1].map(async () => {
			// Of sharing is spoken here, not of a store that is slow because the machine is busy.
			const { store, bus, close } = openRedisBackend({
				redis: { host: "127.0.0.1", port: redis.port },
				memoryBytes: 0,
				deadlineMs: 5_000,
				clock,
			});
			cleanUps.push(close);
			await eventually(() => bus.connected);
			return start({ store, bus, clock, env: { CACHE_STORE_DEADLINE_MS: "5000" } });
		}),
	);
	if (!first || !second) throw new Error("there are two");
	const [listed] = await batch(first, FLAT);
	clock.advance(60_000);
	const statements = await second.statementsOf(async () => {
		expect((await single(second, AGAIN)).valuation).toEqual(listed);
		expect(await batch(second, FLAT)).toEqual([listed]);
	});
	expect(statements).toBe(0);
	expect((await single(first)).status).toBe("RetynAVM;hit;ttl=240");
	expect(first.workedOut() + second.workedOut()).toBe(1);
});
