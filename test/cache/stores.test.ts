import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { guarded } from "../../src/cache/guard.ts";
import { instrumented } from "../../src/cache/instrument.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { chaotic } from "./chaos.ts";
import { storeConformance } from "./conformance.ts";
import { fourMembersSubject, memorySubject, over, redisSubject } from "./subjects.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";

let redis: TestRedis;
beforeAll(async () => {
	redis = await createTestRedis({ password: "a password with spaces" });
});
afterAll(async () => {
	await redis.stop();
});

const GUARD = { deadlineMs: 2_000 };

storeConformance("memory", async () => memorySubject());
storeConformance("memory, guarded", async () => over(memorySubject(), (store) => guarded(store, GUARD)));
storeConformance("memory, instrumented", async () =>
	over(memorySubject(), (store) => instrumented(store, () => {})),
);
storeConformance("memory, with answers that come late and out of order", async () =>
	over(memorySubject(), (store) => chaotic(store, { seed: 1, delayMs: 3 })),
);
storeConformance("of four members, with what stands in for the capability", async () => fourMembersSubject());
storeConformance("redis", () => redisSubject(redis));
storeConformance("redis, telling remaining times", () => redisSubject(redis, { withRemaining: true }));
storeConformance("redis, guarded", async () =>
	over(await redisSubject(redis), (store) => guarded(store, GUARD)),
);
storeConformance("redis behind all that production puts before it", async () => {
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: redis.port, password: redis.password },
		clock: Date.now,
		memoryBytes: 1024 * 1024,
		deadlineMs: 2_000,
		channel: "conformance",
	});
	await eventually(() => backend.bus.connected);
	return { store: backend.store, pass: (ms) => Bun.sleep(ms), close: backend.close };
});
storeConformance("redis, with answers that come late and out of order", async () =>
	over(await redisSubject(redis), (store) => chaotic(store, { seed: 2, delayMs: 3 })),
);

describe("the no-op store", () => {
	test("keeps nothing", async () => {
		const store = createNoopStore();
		await store.set("k", new Uint8Array([1]), 1_000);
		expect(await store.get("k")).toBeUndefined();
		expect(await store.delete("k")).toBe(false);
	});
});
