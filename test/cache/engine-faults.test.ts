import { describe, expect, test } from "bun:test";
import { createCache } from "../../src/cache/engine.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock, type TestClock } from "./support/clock.ts";
import { createTestEngine, failing, inShort, text } from "./support/engine.ts";

const broken = () => Promise.reject(new Error("out of order"));

function memory(clock: TestClock = createTestClock()): CacheStore {
	return createMemoryStore({ clock, maxBytes: 1024 * 1024 });
}

/** A memory store of which some calls fail. */
function failingOn(...members: string[]): CacheStore {
	const store = memory();
	const spoil = <T extends object>(target: T): T =>
		new Proxy(target, {
			get: (object, member) => (members.includes(String(member)) ? broken : Reflect.get(object, member)),
		});
	return {
		...spoil({ ...store }),
		name: "failing",
		...(store.coordination && { coordination: spoil(store.coordination) }),
	};
}

describe("when the store fails", () => {
	test.each([
		["reading", ["get"], "read"],
		["reading marks", ["generations"], "read"],
		["asking for the lease", ["acquire"], "lease"],
		["writing", ["commit"], "write"],
	] as const)("35: at %s, the request succeeds and the failure is counted", async (_, members, operation) => {
		const engine = createTestEngine({ store: failingOn(...members) });
		expect(await engine.tell()).toBe("miss run 1");
		expect(await engine.tell()).toBe("miss run 2");
		expect(engine.events).toContainEqual(
			expect.objectContaining({ type: "store-failed", operation, store: "failing", cause: "other" }),
		);
	});

	test("35: at giving the lease back or dropping an entry, the request succeeds and the failure is counted", async () => {
		const engine = createTestEngine({ store: failingOn("release", "evict"), policy: { staleIfError: 60 } });
		engine.does(() => failing());
		expect(await engine.tell()).toBe("failed 503");
		engine.clock.advance(100);
		engine.does(() => ({ kind: "own", result: "404", reason: "status" }));
		expect(await engine.tell("other")).toBe("own 404");
		expect(engine.events.filter(({ type }) => type === "store-failed")).toHaveLength(2);
	});

	test("36: what is not the store's time does not count as that", async () => {
		const engine = createTestEngine({ storeBudgetMs: 200, store: failingOn() });
		const { coordination } = engine.store;
		const acquire = coordination?.acquire;
		if (!coordination || !acquire) throw new Error("the memory store declares no coordination");
		coordination.acquire = (...args) => Bun.sleep(5).then(() => acquire(...args));
		expect(await engine.tell("x", { admit: () => Bun.sleep(300) })).toBe("miss run 1");
		expect(await engine.tell()).toBe("hit run 1");
	});

	test("36: reading and asking for the lease have one budget between them", async () => {
		const engine = createTestEngine({ storeBudgetMs: 600, store: failingOn() });
		const { coordination } = engine.store;
		if (!coordination) throw new Error("the memory store declares no coordination");
		const { generations } = coordination;
		coordination.generations = (tags) => Bun.sleep(400).then(() => generations(tags));
		coordination.acquire = () => new Promise(() => {});
		const begun = performance.now();
		expect(inShort(await engine.ask())).toBe("miss run 1");
		// Not 400 ms and 600 ms.
		expect(performance.now() - begun).toBeLessThan(950);
	});

	test("46: a listener that throws changes nothing", async () => {
		const clock = createTestClock();
		const heard: string[] = [];
		const cache = createCache({
			clock,
			store: memory(clock),
			listener({ type }) {
				heard.push(type);
				throw new Error("cannot listen");
			},
		});
		const policy = cache.register({ name: "things", prefix: "things:", ttl: 60, scope: "shared" });
		const fail = () => cache.wrap(policy, "x", () => Promise.reject(new Error("no luck")));
		await expect(fail()).rejects.toThrow("no luck");
		clock.advance(100);
		expect(await cache.wrap(policy, "x", async () => 1)).toBe(1);
		await cache.settled();
		expect(await cache.wrap(policy, "x", async () => 2)).toBe(1);
		await cache.purge({ everything: true });
		expect(new Set(heard)).toEqual(new Set(["fill-failed", "miss", "filled", "hit", "purged"]));
	});

	test("35: at purging, whoever purges hears of it", async () => {
		const engine = createTestEngine({ store: failingOn("invalidate", "evict") });
		await expect(engine.cache.purge({ tags: ["x"] })).rejects.toThrow("out of order");
		await engine.cache.purge({ tags: [] });
		await expect(engine.cache.expire(["x"])).rejects.toThrow("out of order");
		await expect(engine.cache.purge({ keys: ["things:1", "things:2"] })).rejects.toThrow("out of order");
		expect(
			engine.events.filter((event) => event.type === "store-failed" && event.operation === "purge"),
		).toHaveLength(3);
	});

	test("35: those who ask at once still share one run", async () => {
		const engine = createTestEngine({ store: failingOn("get") });
		const served = await Promise.all(Array.from({ length: 50 }, () => engine.ask()));
		expect(engine.runs()).toBe(1);
		expect(served[0]).toMatchObject({ stored: false, detail: "store-failed", missed: "store-failed" });
	});

	test("35: nobody is asked for admission, as nothing is taken up by the answer", async () => {
		const engine = createTestEngine({ store: failingOn("get") });
		expect(await engine.ask("x", { admit: () => broken() }).then(inShort)).toBe("miss run 1");
	});

	test("36: a store that is slow to give the lease costs a request what is left of its budget", async () => {
		const store = memory();
		const coordination = store.coordination;
		if (!coordination) throw new Error("the memory store declares no coordination");
		const hanging = {
			...store,
			coordination: { ...coordination, acquire: () => new Promise<never>(() => {}) },
		};
		const engine = createTestEngine({ store: hanging, storeBudgetMs: 20 });
		const begun = performance.now();
		expect(inShort(await engine.ask())).toBe("miss run 1");
		expect(performance.now() - begun).toBeWithin(15, 200);
		expect(engine.events).toContainEqual(
			expect.objectContaining({ type: "store-failed", operation: "lease", cause: "timeout" }),
		);
	});
});

describe("what the store gives back", () => {
	test.each([
		["noise", () => new Uint8Array([1, 2, 3])],
		["nothing", () => new Uint8Array()],
		["a part", (value: Uint8Array) => value.subarray(0, value.byteLength - 1)],
		[
			"another version",
			(value: Uint8Array) =>
				new TextEncoder().encode(new TextDecoder().decode(value).replace('"v":', '"v":9')),
		],
		["another key's", (_: Uint8Array, other: Uint8Array) => other],
	])("39: %s is a miss, and replaced", async (_, spoil) => {
		const engine = createTestEngine();
		const nameOf = async (input: string) => {
			const served = await engine.ask(input);
			await engine.cache.settled();
			return served.from === "entry" ? `things:${served.entry.digest.slice(0, 32)}` : "";
		};
		const [other, name] = [await nameOf("other"), await nameOf("x")];
		const read = async (key: string) => (await engine.store.get(key))?.value ?? new Uint8Array();
		await engine.store.set(name, spoil(await read(name), await read(other)), 60_000);
		expect(await engine.tell("x")).toBe("miss run 3");
		expect(await engine.tell("x")).toBe("hit run 3");
		expect(engine.events).toContainEqual(expect.objectContaining({ type: "miss", reason: "unreadable" }));
	});

	test("39: of another policy is a miss, though it lies under the same key", async () => {
		const engine = createTestEngine();
		const policy = engine.cache.register({ name: "others", prefix: "things:", ttl: 60, scope: "shared" });
		await engine.tell();
		expect(await engine.tell("x", { policy })).toBe("miss run 2");
	});

	test("41: with fewer marks than were asked for is never believed", async () => {
		const engine = createTestEngine({ tags: ["x"] });
		const { coordination } = engine.store;
		if (!coordination) throw new Error("the memory store declares no coordination");
		coordination.generations = async () => [];
		coordination.commit = async (key, value, ttlMs, { token }) => {
			await engine.store.set(key, value, ttlMs);
			await coordination.release(key, token);
			return "stored";
		};
		await engine.tell();
		expect(await engine.tell()).not.toContain("hit");
	});

	test("39: signed with another key is a miss; with the one before, during a rotation, a hit", async () => {
		const clock = createTestClock();
		const store = memory(clock);
		const [older, newer, foreign] = ["o", "n", "f"].map((letter) => letter.repeat(32));
		const with_ = (...keys: (string | undefined)[]) =>
			createTestEngine({ clock, store, signingKeys: keys.filter((key) => key !== undefined) });
		await with_(older).tell();
		expect(await with_(newer, older).tell()).toBe("hit run 1");
		expect(await with_(foreign).tell()).toBe("miss run 1");
		expect(await createTestEngine({ clock, store }).tell()).toBe("hit run 1");
	});

	test("39: unsigned is a miss once entries have to be signed", async () => {
		const clock = createTestClock();
		const store = memory(clock);
		await createTestEngine({ clock, store }).tell();
		const engine = createTestEngine({ clock, store, signingKeys: ["k".repeat(32)] });
		engine.does(() => text("signed"));
		expect(await engine.tell()).toBe("miss signed");
	});

	test("9: of another policy version is not looked at, and both versions run side by side", async () => {
		const clock = createTestClock();
		const store = memory(clock);
		const one = createTestEngine({ clock, store });
		const two = createTestEngine({ clock, store, policy: { version: 2 } });
		two.does(() => text("two"));
		await one.tell();
		expect(await two.tell()).toBe("miss two");
		expect(await one.tell()).toBe("hit run 1");
		expect(await two.tell()).toBe("hit two");
	});
});

describe("a store of four members only", () => {
	function plain(clock: TestClock): CacheStore {
		const { coordination: _, ...store } = memory(clock);
		return store;
	}

	test("25: shares one run within the process, and can be purged", async () => {
		const clock = createTestClock();
		const engine = createTestEngine({ clock, store: plain(clock), tags: ["x"] });
		await Promise.all(Array.from({ length: 50 }, () => engine.ask()));
		await engine.cache.settled();
		expect(engine.runs()).toBe(1);
		expect(await engine.tell()).toBe("hit run 1");
		await engine.cache.purge({ tags: ["x"] });
		expect(await engine.tell()).toBe("miss run 2");
	});

	test("25: is never believed about what another process may have purged", async () => {
		const clock = createTestClock();
		const store = plain(clock);
		const one = createTestEngine({ clock, store, tags: ["x"] });
		const two = createTestEngine({ clock, store, tags: ["x"] });
		await one.tell();
		two.does(() => text("two"));
		expect(await two.tell()).toBe("miss two");
	});
});
