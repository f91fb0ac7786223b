import { describe, expect, test } from "bun:test";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, inShort, text } from "./support/engine.ts";

const STALE = { staleWhileRevalidate: 30, staleIfError: 300 };

describe("purging", () => {
	test("40: by key takes that one entry", async () => {
		const engine = createTestEngine();
		await engine.tell("a");
		await engine.tell("b");
		const served = await engine.ask("a");
		const name = served.from === "entry" ? `things:${served.entry.digest.slice(0, 32)}` : "";
		expect(await engine.cache.purge({ keys: [name] })).toEqual({ tags: 0, keys: 1 });
		expect(await engine.tell("a")).toBe("miss run 3");
		expect(await engine.tell("b")).toBe("hit run 2");
		expect(engine.events).toContainEqual({ type: "purged", tags: [], keys: 1 });
	});

	test("40: by many keys takes each of them", async () => {
		const engine = createTestEngine();
		const names: string[] = [];
		for (let index = 0; index < 205; index += 1) {
			const served = await engine.ask(index);
			if (served.from === "entry") names.push(`things:${served.entry.digest.slice(0, 32)}`);
		}
		await engine.cache.settled();
		const missing = ["things:none", "nothing"];
		expect(await engine.cache.purge({ keys: [...missing, ...names] })).toEqual({ tags: 0, keys: 205 });
		expect(await engine.cache.purge({ keys: names })).toEqual({ tags: 0, keys: 0 });
		const left = await Promise.all(names.map((name) => engine.store.get(name)));
		expect(left.filter(Boolean)).toEqual([]);
	});

	test("40: by prefix takes that policy's entries, and not those of one whose name begins the same", async () => {
		const engine = createTestEngine({ policy: { name: "users", prefix: "users:" } });
		const longer = engine.cache.register({
			name: "users-abc",
			prefix: "usersabc:",
			ttl: 60,
			scope: "shared",
		});
		await engine.tell();
		await engine.cache.wrap(longer, 1, async () => "kept");
		await engine.cache.settled();
		await engine.cache.purge({ prefix: "users:" });
		expect(await engine.tell()).toBe("miss run 2");
		expect(await engine.cache.wrap(longer, 1, async () => "lost")).toBe("kept");
	});

	test("40: by prefix takes glob characters for what they are", async () => {
		const engine = createTestEngine();
		await engine.tell();
		for (const prefix of ["*", "th*", "thing?:", "[t]hings:", ""]) await engine.cache.purge({ prefix });
		expect(await engine.tell()).toBe("hit run 1");
	});

	test("40: by policy takes its entries, and a policy that nobody knows is an error", async () => {
		const engine = createTestEngine();
		await engine.tell();
		expect(await engine.cache.purge({ policy: "things" })).toEqual({ tags: 1, keys: 0 });
		expect(await engine.tell()).toBe("miss run 2");
		expect(engine.cache.purge({ policy: "thing" })).rejects.toThrow('no cache policy named "thing"');
	});

	test("40: of everything takes everything", async () => {
		const engine = createTestEngine();
		await engine.tell("a");
		await engine.cache.purge({ everything: true });
		expect(await engine.tell("a")).toBe("miss run 2");
	});

	test("40, 41: by tag takes all entries that carry it, and no others", async () => {
		const engine = createTestEngine();
		await engine.tell("a", { tags: ["x", "y"] });
		await engine.tell("b", { tags: ["y"] });
		await engine.tell("c", { tags: ["z", "__proto__", "constructor"] });
		await engine.cache.purge({ tags: ["y"] });
		expect(await engine.tell("a", { tags: ["x", "y"] })).toBe("miss run 4");
		expect(await engine.tell("b", { tags: ["y"] })).toBe("miss run 5");
		expect(await engine.tell("c", { tags: ["z", "__proto__", "constructor"] })).toBe("hit run 3");
		await engine.cache.purge({ tags: ["__proto__"] });
		expect(await engine.tell("c", { tags: ["z", "__proto__", "constructor"] })).toBe("miss run 6");
	});

	test("40: expiring a tag makes its entries stale: given at once, and refreshed", async () => {
		const engine = createTestEngine({ policy: STALE, tags: ["x"] });
		await engine.tell();
		expect(await engine.cache.expire(["x"])).toEqual({ tags: 1, keys: 0 });
		const served = await engine.ask();
		expect(inShort(served)).toBe("stale run 1");
		expect(served).toMatchObject({ ttlS: -1 });
		await engine.cache.settled();
		expect(await engine.tell()).toBe("hit run 2");
		expect(engine.events).toContainEqual({ type: "expired", tags: ["x"], keys: 0 });
	});

	test("40: expiring a tag makes nothing younger that was too old already", async () => {
		const engine = createTestEngine({ policy: STALE, tags: ["x"] });
		await engine.tell();
		await engine.cache.expire(["x"]);
		engine.clock.advance(91_000);
		expect(await engine.tell()).toBe("revalidated run 2");
		await engine.cache.expire(["x"]);
		engine.clock.advance(360_000);
		expect(await engine.tell()).toBe("miss run 3");
	});

	test("40: what is expired and may not be stale is gone", async () => {
		const engine = createTestEngine({ tags: ["x"] });
		await engine.tell();
		await engine.cache.expire(["x"]);
		expect(await engine.tell()).toBe("miss run 2");
	});

	test.each([
		["tag", (engine: ReturnType<typeof createTestEngine>) => engine.cache.purge({ tags: ["x"] })],
		["prefix", (engine: ReturnType<typeof createTestEngine>) => engine.cache.purge({ prefix: "things:" })],
		["policy", (engine: ReturnType<typeof createTestEngine>) => engine.cache.purge({ policy: "things" })],
		["everything", (engine: ReturnType<typeof createTestEngine>) => engine.cache.purge({ everything: true })],
		["expiry", (engine: ReturnType<typeof createTestEngine>) => engine.cache.expire(["x"])],
	])(
		"42: by %s during a fill keeps that fill from being stored, and who asks afterwards from waiting for it",
		async (_, purge) => {
			const engine = createTestEngine({ tags: ["x"] });
			const gate = Promise.withResolvers<void>();
			const started = Promise.withResolvers<void>();
			engine.does(async (run) => {
				if (run > 1) return text("new");
				started.resolve();
				await gate.promise;
				return text("old");
			});
			const before = engine.ask().then(inShort);
			await started.promise;
			await purge(engine);
			// The lease of the voided fill is still held; it is given back when that one notices.
			const after = engine.ask().then(inShort);
			gate.resolve();
			expect(await before).toBe("miss old");
			expect(await after).toBe("miss new");
			await engine.cache.settled();
			expect(await engine.tell()).toBe("hit new");
			expect(engine.events).toContainEqual(
				expect.objectContaining({ type: "refused", reason: "invalidated" }),
			);
		},
	);

	test("42: by key during a fill does the same", async () => {
		const engine = createTestEngine();
		const served = await engine.ask();
		await engine.cache.settled();
		const name = served.from === "entry" ? `things:${served.entry.digest.slice(0, 32)}` : "";
		engine.clock.advance(60_000);
		const gate = Promise.withResolvers<void>();
		const started = Promise.withResolvers<void>();
		engine.does(async (run) => {
			if (run > 2) return text("new");
			started.resolve();
			await gate.promise;
			return text("old");
		});
		const before = engine.ask().then(inShort);
		await started.promise;
		await engine.cache.purge({ keys: [name] });
		expect(await engine.ask().then(inShort)).toBe("miss new");
		gate.resolve();
		expect(await before).toBe("miss old");
		await engine.cache.settled();
		expect(await engine.tell()).toBe("hit new");
		expect(engine.events).toContainEqual(expect.objectContaining({ type: "refused", reason: "lease-lost" }));
	});

	test("42: by key elsewhere keeps who asks afterwards from waiting for a fill that began before", async () => {
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1024 * 1024 });
		const { coordination } = store;
		if (!coordination) throw new Error("the memory store declares no coordination");
		let tell: (key: string) => void = () => {};
		coordination.onEvicted = (listener) => {
			tell = listener;
			return () => {};
		};
		const engine = createTestEngine({ store });
		const served = await engine.ask();
		await engine.cache.settled();
		const name = served.from === "entry" ? `things:${served.entry.digest.slice(0, 32)}` : "";
		await coordination.evict(name);
		const gate = Promise.withResolvers<void>();
		engine.does(async (run) => {
			if (run === 2) await gate.promise;
			return text(`run ${run}`);
		});
		const before = engine.ask().then(inShort);
		await Bun.sleep(1);
		tell("things:");
		const aboard = engine.ask().then(inShort);
		await Bun.sleep(1);
		await coordination.evict(name);
		tell(name);
		expect(await engine.ask().then(inShort)).toBe("miss run 3");
		gate.resolve();
		expect(await Promise.all([before, aboard])).toEqual(["miss run 2", "miss run 2"]);
		await engine.cache.settled();
	});

	test("41: one instance voids what another has stored, whatever their clocks say", async () => {
		const ahead = createTestClock(Date.parse("2030-01-01T00:00:00Z"));
		const store = createMemoryStore({ clock: createTestClock(), maxBytes: 1024 * 1024 });
		const one = createTestEngine({ store, tags: ["x"] });
		const two = createTestEngine({ store, tags: ["x"], clock: ahead });
		await one.tell();
		await two.cache.purge({ tags: ["x"] });
		expect(await one.tell()).toBe("miss run 2");
	});
});
