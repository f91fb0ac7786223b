import { afterAll, beforeAll, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { boundedClientOptions } from "../../src/cache/redis.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";
import { createTestSentinel, type TestSentinel } from "./support/redis-sentinel.ts";

const BOUND_MS = 1_000;

let servers: TestSentinel;
let client: Redis;
beforeAll(async () => {
	servers = await createTestSentinel();
	client = new Redis({
		sentinels: [{ host: "127.0.0.1", port: servers.ports[0] ?? 0 }],
		name: servers.name,
		...boundedClientOptions(BOUND_MS),
		sentinelRetryStrategy: (attempt) => Math.min(attempt * 50, 500),
	});
	client.on("error", () => {});
	await eventually(() => client.status === "ready");
}, 15_000);
afterAll(async () => {
	client.disconnect();
	await servers.stop();
});

test("45: when the primary dies, calls fail within their bound and succeed on the promoted replica", async () => {
	const store = createRedisStore({ client }) as CacheStore & Required<Pick<CacheStore, "coordination">>;
	await store.set("k", bytes("replicated"), 60_000);
	await store.coordination.acquire("before", "token", 60_000);
	await client.wait(1, 1_000);
	await servers.primary.kill();

	let longestMs = 0;
	let failures = 0;
	await eventually(async () => {
		const startedAt = performance.now();
		try {
			await store.set("after", bytes("fail-over"), 60_000);
		} catch (error) {
			failures += 1;
			throw error;
		} finally {
			longestMs = Math.max(longestMs, performance.now() - startedAt);
		}
	}, 10_000);

	expect(failures).toBeGreaterThan(0);
	expect(longestMs).toBeLessThan(BOUND_MS + 200);
	expect(await textAt(store, "k")).toBe("replicated");
	expect(await textAt(store, "after")).toBe("fail-over");
	expect((await store.coordination.acquire("before", "another", 60_000)).state).toBe("held");
	expect((await store.coordination.acquire("new", "token", 60_000)).state).toBe("won");
}, 15_000);
