import { localCoordination } from "../../src/cache/coordination/local.ts";
import { connectRedis } from "../../src/cache/redis.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createRedisStore, type RedisStoreOptions } from "../../src/cache/stores/redis.ts";
import { chaotic } from "./chaos.ts";
import type { StoreUnderTest } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";
import { eventually } from "./support/eventually.ts";
import type { TestRedis } from "./support/redis.ts";

export function memorySubject(): StoreUnderTest {
	const clock = createTestClock();
	return { store: createMemoryStore({ clock, maxBytes: 1024 * 1024 }), pass: (ms) => clock.advance(ms) };
}

export async function redisSubject(
	redis: TestRedis,
	options: Omit<RedisStoreOptions, "client"> = {},
): Promise<StoreUnderTest> {
	const client = connectRedis({ host: "127.0.0.1", port: redis.port, password: redis.password });
	await eventually(() => client.status === "ready");
	return {
		store: createRedisStore({ client, ...options }),
		pass: (ms) => Bun.sleep(ms),
		loseMark: async (tag) => void (await client.del(`tag:${tag}`)),
		close: async () => client.disconnect(),
	};
}

/** A store without the capability, and what stands in for it; its four members are slow and so overlap. */
export function fourMembersSubject(): StoreUnderTest {
	const clock = createTestClock();
	const slow = chaotic(createMemoryStore({ clock, maxBytes: 1024 * 1024 }), { seed: 7, delayMs: 2 });
	return { store: withLocalCoordination(slow, clock), pass: (ms) => clock.advance(ms) };
}

export function withLocalCoordination(store: CacheStore, clock: () => number): CacheStore {
	const { get, set, delete: evict } = store;
	return {
		name: store.name,
		get,
		set,
		delete: evict,
		coordination: localCoordination({ clock, get, set, evict }),
		...(store.inspection && { inspection: store.inspection }),
	};
}

/** The same subject with its store wrapped. */
export function over(subject: StoreUnderTest, wrap: (store: CacheStore) => CacheStore): StoreUnderTest {
	return { ...subject, store: wrap(subject.store) };
}
