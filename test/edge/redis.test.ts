import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare } from "miniflare";
import { connectRedis } from "../../src/cache/redis.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { type RedisHttpFront, startRedisHttp } from "../cache/support/redis-http.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { bundleWorker } from "./bundle.ts";

const DEADLINE_MS = 1_000;

let database: TestDatabase;
let redis: TestRedis;
let front: RedisHttpFront;
let edge: Miniflare;
let token: string;
let origin: ReturnType<typeof connectRedis>;
beforeAll(async () => {
	[database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
	await seedSmallMarket(database.db);
	front = await startRedisHttp(redis);
	const { signUp, config } = await createTestApp({ database, clock: createTestClock(Date.now()) });
	token = await signUp();
	origin = connectRedis({ host: "127.0.0.1", port: redis.port });
	edge = new Miniflare({
		modules: true,
		script: await bundleWorker(),
		compatibilityDate: "2026-07-01",
		compatibilityFlags: ["nodejs_compat"],
		bindings: {
			DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere",
			HYPERDRIVE: { connectionString: database.url },
			JWT_SECRET: config.auth.jwtSecret,
			LOG_LEVEL: "silent",
			UPSTASH_REDIS_REST_URL: front.url,
			UPSTASH_REDIS_REST_TOKEN: front.token,
			// Generous: tests that are not about slowness must not fail for it.
			CACHE_STORE_DEADLINE_MS: String(DEADLINE_MS),
		},
	});
	await edge.ready;
}, 60_000);
afterAll(async () => {
	await edge?.dispose();
	origin?.disconnect();
	await front?.close();
	await Promise.all([database?.drop(), redis?.stop()]);
});

async function list(): Promise<{ status: number; cacheStatus: string; body: unknown }> {
	const response = await edge.dispatchFetch("http://edge.test/api/areas/rent", {
		headers: { Authorization: `Bearer ${token}` },
	});
	const cacheStatus = response.headers.get("Cache-Status") ?? "";
	return { status: response.status, cacheStatus, body: await response.json() };
}

/** Asks until the answer, which is written behind a caller's back, is there. */
async function untilHit(): Promise<void> {
	await eventually(async () => (await list()).cacheStatus.startsWith("RetynAVM;hit"), 20_000);
}

const NAMES = ["Al Barsha South Fourth", "Business Bay"];

describe("the application in workerd with the origin's Redis", () => {
	test("keeps what it worked out for requests to come, by way of Hyperdrive's address", async () => {
		await untilHit();
		expect(await list()).toMatchObject({ status: 200, body: NAMES });
	});

	test("forgets what is purged at the origin", async () => {
		await untilHit();
		await createRedisStore({ client: origin }).coordination?.invalidate(["*"], "purge");
		expect((await list()).cacheStatus).toStartWith("RetynAVM;fwd=uri-miss");
		await untilHit();
	});

	test("answers a token that is none with 401, whatever is stored", async () => {
		await untilHit();
		const response = await edge.dispatchFetch("http://edge.test/api/areas/rent", {
			headers: { Authorization: "Bearer nonsense" },
		});
		expect(response.status).toBe(401);
		await response.body?.cancel();
	});

	test("gives a stale answer at once, and has it refreshed behind it", async () => {
		await untilHit();
		await createRedisStore({ client: origin }).coordination?.invalidate(["*"], "expire");
		expect(await list()).toMatchObject({ status: 200, body: NAMES });
		await eventually(async () => /^RetynAVM;hit;ttl=[1-9]/.test((await list()).cacheStatus), 20_000);
	});

	test("answers from the database while Redis is frozen", async () => {
		redis.freeze();
		try {
			expect(await list()).toMatchObject({ status: 200, body: NAMES });
		} finally {
			redis.thaw();
		}
		await untilHit();
	});

	test("goes past a Redis that stays frozen, without each request waiting for it", async () => {
		redis.freeze();
		try {
			await eventually(async () => {
				const begun = performance.now();
				expect(await list()).toMatchObject({ status: 200, body: NAMES });
				return performance.now() - begun < DEADLINE_MS;
			}, 20_000);
		} finally {
			redis.thaw();
		}
		await untilHit();
	});
});
