import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare, Response as PlatformResponse } from "miniflare";
import { createCache } from "../../src/cache/index.ts";
import {
	type CacheApiStoreOptions,
	createCacheApiStore,
	type PlatformCache,
} from "../../src/cache/stores/cache-api.ts";
import { bytes, ODD_KEYS, textAt } from "../cache/store-under-test.ts";

/** The platform's cache as workerd has it; only its addresses and answers are written down on the way. */
let platform: Miniflare;
beforeAll(async () => {
	platform = new Miniflare({ modules: true, script: "export default { fetch() {} }" });
	await platform.ready;
}, 30_000);
afterAll(() => platform?.dispose());

async function subject(options: Partial<CacheApiStoreOptions> = {}) {
	const caches = (await platform.getCaches()) as unknown as CacheStorage;
	const cache = await caches.open(crypto.randomUUID());
	const put: { address: string; response: Response }[] = [];
	const seen: PlatformCache = {
		match: (address) => cache.match(address),
		delete: (address) => cache.delete(address),
		async put(address, response) {
			put.push({ address, response });
			const headers = Object.fromEntries(response.headers);
			await cache.put(address, new PlatformResponse(await response.arrayBuffer(), { headers }) as never);
		},
	};
	const state = { version: "1" };
	const store = createCacheApiStore({
		cache: async () => seen,
		version: async () => state.version,
		refusePurge() {
			throw new Error("no purge reaches it");
		},
		...options,
	});
	return { store, state, put };
}

describe("the store over the platform's cache", () => {
	test("gives back the bytes it was given, under any key, until they are removed", async () => {
		const { store } = await subject();
		for (const key of ODD_KEYS) await store.set(key, bytes(`value of ${key}`), 60_000);
		for (const key of ODD_KEYS) expect(await textAt(store, key)).toBe(`value of ${key}`);
		expect(await store.delete("constructor")).toBe(true);
		expect(await store.delete("constructor")).toBe(false);
		expect(await store.get("constructor")).toBeUndefined();
		expect(await textAt(store, "{}")).toBe("value of {}");
	});

	test("keeps nothing for longer than its bound, and nothing for less than the platform can", async () => {
		const { store, put } = await subject({ maxTtlMs: 300_000 });
		await store.set("long", bytes("a"), 3_600_000);
		await store.set("short", bytes("b"), 61_999);
		await store.set("moment", bytes("c"), 999);
		expect(put.map(({ response }) => response.headers.get("Cache-Control"))).toEqual([
			"public, max-age=300",
			"public, max-age=61",
		]);
	});

	test("keeps entries under addresses that tell nothing, of a host that there cannot be", async () => {
		const { store, put } = await subject();
		await store.set("areas:secret", bytes("a"), 60_000);
		expect(put[0]?.address).toMatch(/^https:\/\/entries\.cache\.invalid\/[0-9a-f]{64}$/);
	});

	test("refuses every purge by tag", async () => {
		const { store } = await subject();
		await expect(store.coordination?.invalidate(["a"], "purge")).rejects.toThrow("no purge reaches it");
		await expect(store.coordination?.invalidate(["a"], "expire")).rejects.toThrow("no purge reaches it");
	});

	test("holds an entry good for as long as the version is the same, also where that changes during the fill", async () => {
		const { store, state } = await subject();
		const cache = createCache({
			store,
			clock: Date.now,
			listener: () => {},
			random: () => 0.5,
			storeBudgetMs: 2_000,
		});
		const policy = cache.register({ name: "values", prefix: "v:", scope: "shared", ttl: 60 });
		let runs = 0;
		async function value(meanwhile = () => {}): Promise<number> {
			const run = await cache.wrap(policy, "subject", async () => {
				meanwhile();
				return ++runs;
			});
			await cache.settled();
			return run;
		}
		expect([await value(), await value()]).toEqual([1, 1]);
		state.version = "2";
		const changes = () => {
			state.version = "3";
		};
		expect(await value(changes)).toBe(2);
		expect([await value(), await value()]).toEqual([3, 3]);
	});

	test("is a miss while no version can be told", async () => {
		const { store } = await subject({ version: () => Promise.reject(new Error("no database")) });
		const cache = createCache({ store, clock: Date.now, listener: () => {}, storeBudgetMs: 2_000 });
		const policy = cache.register({ name: "values", prefix: "v:", scope: "shared", ttl: 60 });
		let runs = 0;
		for (let round = 0; round < 2; round += 1) {
			await cache.wrap(policy, "subject", async () => ++runs);
			await cache.settled();
		}
		expect(runs).toBe(2);
	});
});
