import { afterAll, beforeAll } from "bun:test";
import { Miniflare } from "miniflare";
import { createTestRedis } from "../cache/support/redis.ts";
import { startRedisHttp } from "../cache/support/redis-http.ts";
import { bundleWorker } from "../edge/bundle.ts";
import { createTestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { SECRET } from "../support/servers.ts";
import { behaviour } from "./behaviour.ts";
import type { Place } from "./place.ts";

let place: Place;
const opened: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
	const [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
	opened.push(database.drop, redis.stop);
	await seedSmallMarket(database.db);
	const front = await startRedisHttp(redis);
	opened.push(front.close);
	const edge = new Miniflare({
		modules: true,
		script: await bundleWorker(),
		compatibilityDate: "2026-07-01",
		compatibilityFlags: ["nodejs_compat"],
		bindings: {
			NODE_ENV: "production",
			DATABASE_URL: database.url,
			JWT_SECRET: SECRET,
			LOG_LEVEL: "silent",
			UPSTASH_REDIS_REST_URL: front.url,
			UPSTASH_REDIS_REST_TOKEN: front.token,
			// Generous: tests that are not about slowness must not fail for it.
			CACHE_STORE_DEADLINE_MS: "1000",
		},
	});
	opened.push(() => edge.dispose());
	place = { origin: (await edge.ready).origin, signsIn: false, database, redis };
}, 60_000);
afterAll(async () => {
	for (const close of opened.reverse()) await close();
});

behaviour("workerd", () => place);
