import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { createRedisStore, guarded } from "../../src/cache/index.ts";
import { connectRedis } from "../../src/cache/redis.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { seedSmallMarket } from "../support/market.ts";
import { createTestRedis, type TestRedis } from "../support/redis.ts";

const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 };
/** What the store may cost a request at the most; the rest of the bound is for the handler and a busy machine. */
const DEADLINE_MS = 50;
const ANSWERED_WITHIN_MS = DEADLINE_MS + 450;

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
});
afterAll(() => database.drop());

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Started {
	redis: TestRedis;
	client: Redis;
	api: TestApp;
	lines: { level: string; message: string }[];
}

async function start(options: { started?: boolean } = {}): Promise<Started> {
	const redis = await createTestRedis(options);
	const client = connectRedis({ host: "127.0.0.1", port: redis.port });
	cleanUps.push(
		() => redis.stop(),
		() => client.disconnect(),
	);
	const lines: Started["lines"] = [];
	const line = (level: string) => (_: object, message: string) => void lines.push({ level, message });
	const logger: Logger = { debug() {}, info: line("info"), warn: line("warn"), error: line("error") };
	const store = guarded(createRedisStore({ client }), { deadlineMs: DEADLINE_MS });
	const api = await createTestApp({ database, store, logger, env: { CACHE_LOG: "all" } });
	if (options.started !== false) await eventually(() => client.status === "ready");
	return { redis, client, api, lines };
}

/** Every route answers rightly and in time; what Cache-Status says. */
async function askAll(api: TestApp): Promise<string[]> {
	const statuses: string[] = [];
	for (const ask of [
		() => api.get("/api/areas/buy"),
		() => api.get("/api/property-types/rent"),
		() => api.value(FLAT),
	]) {
		const begun = performance.now();
		const response = await ask();
		expect(performance.now() - begun).toBeLessThan(ANSWERED_WITHIN_MS);
		expect(response.status).toBe(200);
		statuses.push(response.headers.get("Cache-Status") ?? "");
	}
	return statuses;
}

async function expectHitsWithin(api: TestApp, ms: number): Promise<void> {
	await eventually(async () => (await askAll(api)).every((status) => status.includes(";hit")), ms);
}

describe("with Redis", () => {
	test("answers are stored under readable keys with a time to live, and found again", async () => {
		const { api, client, lines } = await start();
		expect((await askAll(api)).every((status) => status.includes("stored"))).toBe(true);
		expect((await askAll(api)).every((status) => status.includes(";hit"))).toBe(true);
		for (const [pattern, ttlS] of [
			["areas:*", 3600],
			["prop_types:*", 3600],
			["valuation:*", 300],
		] as const) {
			const [, keys] = await client.scan("0", "MATCH", pattern, "COUNT", 1000);
			expect(keys).toHaveLength(1);
			expect(await client.ttl(keys[0] ?? "")).toBeWithin(ttlS - 10, ttlS + 1);
		}
		expect(lines.map(({ message }) => message)).toEqual(
			expect.arrayContaining(["Cache MISS", "Cache STORED", "Cache HIT"]),
		);
	});

	test("two instances share one answer", async () => {
		const { api, client } = await start();
		await askAll(api);
		const other = await createTestApp({ database, store: createRedisStore({ client }) });
		expect((await askAll(other)).every((status) => status.includes(";hit"))).toBe(true);
	});

	test("an answer that another key's entry was copied over is not served", async () => {
		const { api, client } = await start();
		await askAll(api);
		const [, [areas = ""]] = await client.scan("0", "MATCH", "areas:*", "COUNT", 1000);
		const [, [types = ""]] = await client.scan("0", "MATCH", "prop_types:*", "COUNT", 1000);
		await client.copy(areas, types, "REPLACE");
		expect((await api.get("/api/property-types/rent")).headers.get("Cache-Status")).toContain("uri-miss");
	});
});

describe("without Redis", () => {
	test("absent at boot: answers come all the same, and caching begins when it appears", async () => {
		const { redis, api, lines } = await start({ started: false });
		expect((await askAll(api)).every((status) => status.includes("fwd=miss"))).toBe(true);
		expect(lines.filter(({ message }) => message === "Cache read failed")).toHaveLength(1);
		expect(lines.some(({ level }) => level === "error")).toBe(false);
		await redis.start();
		await expectHitsWithin(api, 5_000);
	});

	test("killed: answers go on, and caching resumes when it is back", async () => {
		const { redis, api } = await start();
		await askAll(api);
		await redis.kill();
		expect((await askAll(api)).every((status) => status.includes("fwd=miss"))).toBe(true);
		await redis.start();
		await expectHitsWithin(api, 5_000);
	});

	test("frozen: every answer comes in time, from the first on, and hits resume when it thaws", async () => {
		const { redis, api } = await start();
		await askAll(api);
		redis.freeze();
		for (let round = 0; round < 3; round += 1) {
			expect((await askAll(api)).every((status) => status.includes("fwd=miss"))).toBe(true);
		}
		redis.thaw();
		await expectHitsWithin(api, 5_000);
	});

	test("killed: a caller who repeats a question is not taken for one who asks too many", async () => {
		const { redis, client } = await start();
		const store = guarded(createRedisStore({ client }), { deadlineMs: DEADLINE_MS });
		const limited = await createTestApp({ database, store, env: { VALUATION_MISSES_PER_MINUTE: "1" } });
		await redis.kill();
		for (let round = 0; round < 5; round += 1) expect((await limited.value(FLAT)).status).toBe(200);
	});

	test("frozen: a hundred requests at once are all answered in time", async () => {
		const { redis, api } = await start();
		redis.freeze();
		const begun = performance.now();
		const responses = await Promise.all(Array.from({ length: 100 }, () => api.get("/api/areas/buy")));
		expect(responses.every((response) => response.status === 200)).toBe(true);
		expect(performance.now() - begun).toBeLessThan(3_000);
		redis.thaw();
	});

	test("full: answers that do not fit are not stored, and come all the same", async () => {
		const { client, api, lines } = await start();
		await client.config("SET", "maxmemory", "1");
		await askAll(api);
		expect((await askAll(api)).some((status) => status.includes(";hit"))).toBe(false);
		expect(
			lines.some(({ message }) => message === "Cache read failed" || message === "Cache write failed"),
		).toBe(true);
	});

	test("with another password than ours: answers come all the same", async () => {
		const { client, api } = await start();
		await askAll(api);
		await client.config("SET", "requirepass", "something else");
		client.disconnect(true);
		expect((await askAll(api)).some((status) => status.includes(";hit"))).toBe(false);
	});
});
