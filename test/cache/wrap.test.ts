import { describe, expect, test } from "bun:test";
import { createCache } from "../../src/cache/engine.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { CacheBusy } from "../../src/cache/wrap.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine } from "./support/engine.ts";

describe("a function behind the cache", () => {
	test("runs once for equal input and gives equal values that callers may change", async () => {
		const { cache, policy } = createTestEngine();
		let runs = 0;
		const load = async () => ({ run: ++runs, list: [1, null, "ü"] });
		const first = await cache.wrap(policy, { a: 1, b: 2 }, load);
		await cache.settled();
		first.list.push("changed");
		expect(await cache.wrap(policy, { b: 2, a: 1 }, load)).toEqual({ run: 1, list: [1, null, "ü"] });
		expect(await cache.wrap(policy, { a: 1, b: 3 }, load)).toMatchObject({ run: 2 });
	});

	test("is voided by its tags", async () => {
		const { cache, policy } = createTestEngine();
		let runs = 0;
		const count = () => cache.wrap(policy, 0, async () => ++runs, { tags: ["t"] });
		await count();
		await cache.settled();
		expect(await count()).toBe(1);
		await cache.purge({ tags: ["t"] });
		expect(await count()).toBe(2);
	});

	test("throws what the function threw, and soon after that says that it is too early", async () => {
		const { cache, policy } = createTestEngine();
		const fail = () => cache.wrap(policy, 0, () => Promise.reject(new RangeError("no luck")));
		await expect(fail()).rejects.toThrow(RangeError);
		const refused = await fail().catch((error: unknown) => error);
		expect(refused).toBeInstanceOf(CacheBusy);
		expect(refused).toMatchObject({ status: 503, retryAfterS: 1 });
	});

	test("says when it took too long", async () => {
		const { cache, policy } = createTestEngine({ policy: { timeout: 0.01 } });
		const slow = cache.wrap(policy, 0, () => new Promise<never>(() => {}));
		await expect(slow).rejects.toMatchObject({ name: "CacheBusy", status: 504 });
	});

	test("gives what is too large to keep, each time anew", async () => {
		const { cache, policy } = createTestEngine({ policy: { maxEntryBytes: 10 } });
		let runs = 0;
		const load = () => cache.wrap(policy, 0, async () => `${"x".repeat(20)}${++runs}`);
		await load();
		expect(await load()).toEndWith("2");
	});

	test("42: gives a result that is outgrown to its caller alone, and drops what it would have replaced", async () => {
		const { cache, policy, clock, events } = createTestEngine({ policy: { staleIfError: 600 } });
		let newest = 1;
		const load = (read: number) =>
			cache.wrap(policy, 0, async () => ({ read }), { keep: ({ read }) => read >= newest });
		expect(await load(1)).toEqual({ read: 1 });
		await cache.settled();
		clock.advance(60_000);
		newest = 2;
		expect(await load(1)).toEqual({ read: 1 });
		await cache.settled();
		expect(events).toContainEqual(expect.objectContaining({ type: "refused", reason: "outgrown" }));
		expect((await cache.entries("", { limit: 10 })).entries).toEqual([]);
		expect(await load(2)).toEqual({ read: 2 });
	});

	test("42: makes those who waited for a result that is outgrown ask for themselves", async () => {
		const { cache, policy } = createTestEngine();
		const gate = Promise.withResolvers<void>();
		let runs = 0;
		const load = () =>
			cache.wrap(
				policy,
				0,
				async () => {
					runs += 1;
					const run = runs;
					if (run === 1) await gate.promise;
					return run;
				},
				{ keep: (run) => run > 1 },
			);
		const first = load();
		const waiting = [load(), load()];
		gate.resolve();
		expect(await first).toBe(1);
		expect((await Promise.all(waiting)).sort()).toEqual([2, 3]);
	});

	test("refuses what JSON cannot hold", async () => {
		const { cache, policy } = createTestEngine();
		await expect(cache.wrap(policy, 0, async () => undefined)).rejects.toThrow("plain JSON");
	});

	test("of one caller needs to be told which", async () => {
		const { cache, policy } = createTestEngine({ policy: { scope: "caller" } });
		await expect(cache.wrap(policy, 0, async () => 1)).rejects.toThrow("who the caller is");
		const as = async (caller: string) => {
			const value = await cache.wrap(policy, 0, async () => caller, { caller: [caller] });
			await cache.settled();
			return value;
		};
		expect([await as("a"), await as("b"), await as("a")]).toEqual(["a", "b", "a"]);
	});

	test("just runs over a store that keeps nothing", async () => {
		const cache = createCache({ store: createNoopStore(), clock: Date.now });
		const policy = cache.register({ name: "p", prefix: "p:", ttl: 1, scope: "shared" });
		let runs = 0;
		await cache.wrap(policy, 0, async () => ++runs);
		expect(await cache.wrap(policy, 0, async () => ++runs)).toBe(2);
		for (const attempt of ["first", "second"]) {
			const failed = cache.wrap(policy, 0, () => Promise.reject(new Error(attempt)));
			await expect(failed).rejects.toThrow(attempt);
		}
	});

	test("30: hands what goes on behind the answer to the platform", async () => {
		const { cache, policy } = createTestEngine();
		const awaited: Promise<unknown>[] = [];
		await cache.wrap(policy, 0, async () => 1, { waitUntil: (work) => awaited.push(work) });
		expect(awaited).toHaveLength(1);
		await Promise.all(awaited);
		expect(await cache.wrap(policy, 0, async () => 2)).toBe(1);
	});

	test("6: for callers each, must be told who calls, whether or not there is a cache", async () => {
		const clock = createTestClock();
		const stores = [createMemoryStore({ clock, maxBytes: 1024 * 1024 }), createNoopStore()];
		for (const store of stores) {
			const cache = createCache({ store, clock });
			const policy = cache.register({ name: "mine", prefix: "mine:", ttl: 60, scope: "caller" });
			for (const caller of [undefined, [], [""], ["u1", ""]]) {
				const options = caller && { caller };
				await expect(cache.wrap(policy, 0, async () => 1, options)).rejects.toThrow("who the caller is");
			}
			expect(await cache.wrap(policy, 0, async () => 1, { caller: ["u1"] })).toBe(1);
			expect(await cache.wrap(policy, 0, async () => 2, { caller: ["u2"] })).toBe(2);
			await cache.settled();
		}
	});
});
