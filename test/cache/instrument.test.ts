import { expect, test } from "bun:test";
import { instrumented } from "../../src/cache/instrument.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { bytes } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";

test("46: every call on a store is counted once, with its outcome", async () => {
	const { store, seen } = watched(createMemoryStore({ clock: createTestClock(), maxBytes: 10_000 }));
	const coordination = store.coordination as NonNullable<CacheStore["coordination"]>;
	const failure = { status: 500, failures: 1, retryInMs: 100 };
	await store.get("k");
	await store.set("k", bytes("x"), 1_000);
	await store.get("k");
	await store.delete("k");
	await coordination.generations(["tag"]);
	await coordination.acquire("k", "one", 1_000);
	await coordination.acquire("k", "two", 1_000);
	await coordination.commit("k", bytes("x"), 1_000, { token: "one", generations: {} });
	await coordination.commit("k", bytes("x"), 1_000, { token: "one", generations: {} });
	await coordination.invalidate(["tag"], "purge");
	await coordination.evict("k");
	await coordination.acquire("k", "three", 1_000);
	await coordination.release("k", "three", failure);
	await coordination.acquire("k", "four", 1_000);
	await store.inspection?.list("", { limit: 10 });
	await store.inspection?.peek(["k"], 10);
	await store.inspection?.usage();
	expect(seen.map(({ call, outcome }) => `${call} ${outcome}`)).toEqual([
		"get miss",
		"set ok",
		"get hit",
		"delete hit",
		"generations ok",
		"acquire won",
		"acquire held",
		"commit stored",
		"commit lease-lost",
		"invalidate ok",
		"evict hit",
		"acquire won",
		"release ok",
		"acquire failing",
		"list ok",
		"peek ok",
		"usage ok",
	]);
});

test("46: a call is timed until it ends, also when it fails", async () => {
	let now = 1_000;
	const slow: CacheStore = {
		...createNoopStore(),
		async get() {
			now += 25;
			throw new Error("out of order");
		},
	};
	const { store, seen } = watched(slow, () => now);
	await expect(store.get("k")).rejects.toThrow("out of order");
	expect(seen).toEqual([{ call: "get", tookMs: 25, outcome: "failed" }]);
});

test("a store without the capability has none when it is counted", () => {
	expect(watched(createNoopStore()).store).not.toHaveProperty("coordination");
});

test("what a store tells of evicted keys is still told when it is counted", () => {
	const inner = createMemoryStore({ clock: createTestClock(), maxBytes: 10_000 });
	const listeners = new Set<(key: string) => void>();
	const telling = {
		...inner,
		coordination: {
			...(inner.coordination as NonNullable<CacheStore["coordination"]>),
			onEvicted(listener: (key: string) => void) {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
	};
	const heard: string[] = [];
	const stop = watched(telling).store.coordination?.onEvicted?.((key) => heard.push(key));
	for (const listener of listeners) listener("k");
	stop?.();
	expect(heard).toEqual(["k"]);
	expect(listeners.size).toBe(0);
});

function watched(inner: CacheStore, now?: () => number) {
	const seen: { call: string; tookMs: number; outcome: string }[] = [];
	const store = instrumented(inner, (call, tookMs, outcome) => seen.push({ call, tookMs, outcome }), now);
	return { store, seen };
}
