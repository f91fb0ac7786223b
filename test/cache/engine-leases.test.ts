import { afterEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { openRedisBackend } from "../../src/cache/redis.ts";
import type { CacheStore, Coordination } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, failing, inShort, text } from "./support/engine.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis } from "./support/redis.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function memory() {
	const clock = createTestClock();
	const store = createMemoryStore({ clock, maxBytes: 1024 * 1024 });
	const { coordination } = store;
	if (!coordination) throw new Error("the memory store declares no coordination");
	return { clock, store, coordination };
}

/** The same store with some calls of its capability replaced. */
function but(
	{ store, coordination }: Omit<ReturnType<typeof memory>, "clock">,
	calls: Partial<Coordination>,
): CacheStore {
	return { ...store, coordination: { ...coordination, ...calls } };
}

/** Fails the first calls; with `done`, only the answer is lost. */
function losing<A extends unknown[], R>(times: number, call: (...args: A) => Promise<R>, done = false) {
	let left = times;
	return async (...args: A): Promise<R> => {
		if (left <= 0) return call(...args);
		left -= 1;
		if (done) await call(...args);
		throw new Error("no answer");
	};
}

async function redisWithBackend() {
	const redis = await createTestRedis();
	cleanups.push(() => redis.stop());
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: redis.port },
		memoryBytes: 0,
		clock: Date.now,
		deadlineMs: 50,
	});
	cleanups.push(() => backend.close());
	await eventually(() => backend.store.get("ready?"));
	const { store } = backend;
	return { redis, store, coordination: store.coordination as Coordination };
}

describe("a lease that is of no use", () => {
	test("25, 36: granted by a Redis that answered too late, holds nobody up", async () => {
		const { redis, ...made } = await redisWithBackend();
		let hiccups = 1;
		const store = but(made, {
			acquire(...args) {
				if (hiccups > 0) {
					hiccups -= 1;
					redis.freeze();
					setTimeout(() => redis.thaw(), 100);
				}
				return made.coordination.acquire(...args);
			},
		});
		const engine = createTestEngine({ store, policy: { timeout: 3, lease: 4 } });
		expect(await engine.ask()).toMatchObject({ stored: false, detail: "store-failed" });
		await eventually(() => store.get("thawed?"));
		const begun = performance.now();
		expect(await engine.tell()).toBe("miss run 2");
		expect(performance.now() - begun).toBeLessThan(1_000);
		expect(await engine.tell()).toBe("hit run 2");
	});

	test("25: without an end, as no holder leaves one, holds nobody up", async () => {
		const { redis, store } = await redisWithBackend();
		const engine = createTestEngine({ store });
		const served = await engine.ask();
		await engine.cache.settled();
		const name = served.from === "entry" ? `things:${served.entry.digest.slice(0, 32)}` : "";
		const client = new Redis({ host: "127.0.0.1", port: redis.port });
		cleanups.push(() => client.disconnect());
		await client.set(`lease:{${name}}`, "somebody");
		await client.unlink(name);
		const begun = performance.now();
		expect(await engine.tell()).toBe("miss run 2");
		expect(performance.now() - begun).toBeLessThan(1_000);
	});

	test("25: won together with marks that could not be read, is given back", async () => {
		const made = memory();
		let reads = 0;
		const store = but(made, {
			async generations(tags) {
				reads += 1;
				if (reads === 2) throw new Error("no answer");
				return made.coordination.generations(tags);
			},
		});
		const engine = createTestEngine({ store });
		const name = await nameOf(engine);
		await made.coordination.evict(name);
		reads = 0;
		await made.coordination.acquire(name, "other", 60_000);
		const waiting = engine.tell();
		await made.coordination.release(name, "other");
		expect(await waiting).toBe("miss run 2");
		expect(await made.coordination.acquire(name, "next", 60_000)).toMatchObject({ state: "won" });
	});

	test.each([
		["at once", 0],
		["before the next lease is asked for, where that failed, too", 1],
	])("25: granted too late, is given back %s", async (_, releasesLost) => {
		const made = memory();
		const store = but(made, {
			acquire: losing(1, made.coordination.acquire, true),
			release: losing(releasesLost, made.coordination.release),
		});
		const engine = createTestEngine({ store });
		expect(await engine.ask()).toMatchObject({ stored: false, detail: "store-failed" });
		await engine.cache.settled();
		expect(await engine.tell()).toBe("miss run 2");
		expect(await engine.tell()).toBe("hit run 2");
	});

	test("26: of a run that failed, is given back later where that was lost", async () => {
		const made = memory();
		const store = but(made, { release: losing(1, made.coordination.release) });
		const engine = createTestEngine({ store });
		engine.does(() => failing());
		await engine.tell();
		engine.clock.advance(100);
		engine.does(() => text("better"));
		expect(await engine.tell()).toBe("miss better");
	});

	test("35: of a fill that could not be written, is given back, also later", async () => {
		const made = memory();
		const store = but(made, {
			commit: losing(2, made.coordination.commit),
			release: losing(1, made.coordination.release),
		});
		const engine = createTestEngine({ store });
		await engine.tell();
		expect(await engine.tell()).toBe("miss run 2");
		expect(await engine.tell()).toBe("miss run 3");
		expect(await engine.tell()).toBe("hit run 3");
	});

	test("24: of who waited and found the key filled, is given back", async () => {
		const made = memory();
		const engine = createTestEngine({ store: made.store });
		const other = createTestEngine({ store: made.store });
		const gate = Promise.withResolvers<void>();
		other.does(() => gate.promise.then(() => text("other")));
		const filling = other.tell();
		const waiting = engine.ask();
		gate.resolve();
		expect(await filling).toBe("miss other");
		const served = await waiting;
		expect(inShort(served)).toBe("miss other");
		expect(served).toMatchObject({ collapsed: true, stored: true });
		expect(engine.runs()).toBe(0);
		const name = await nameOf(engine);
		expect(await made.coordination.acquire(name, "next", 60_000)).toMatchObject({ state: "won" });
	});
});

describe("who asks for what another process fills", () => {
	test("26, 31: is told how that failed, or gets the old copy in its place", async () => {
		const made = memory();
		const policy = { staleIfError: 300 };
		const engine = createTestEngine({ store: made.store, policy });
		const other = createTestEngine({ store: made.store, policy, clock: engine.clock });
		await engine.tell("old");
		engine.clock.advance(61_000);
		other.does(() => failing());
		for (const input of ["old", "new"]) await other.tell(input);
		expect(await engine.ask("old")).toMatchObject({ outcome: "stale", failedWith: 503 });
		expect(await engine.tell("new")).toBe("busy 503");
		expect(engine.runs()).toBe(1);
		// From then on it is known here.
		made.coordination.acquire = () => Promise.reject(new Error("asked"));
		expect(await engine.tell("new")).toBe("busy 503");
	});

	test("26: lengthens the steps of the back-off with those of all processes", async () => {
		const made = memory();
		const engine = createTestEngine({ store: made.store });
		const other = createTestEngine({ store: made.store, clock: engine.clock });
		for (const one of [engine, other]) one.does(() => failing());
		await other.tell();
		made.clock.advance(100);
		engine.clock.advance(100);
		expect(await engine.tell()).toBe("failed 503");
		engine.clock.advance(199);
		expect(await engine.tell()).toBe("busy 503");
		made.clock.advance(200);
		engine.clock.advance(1);
		expect(await engine.tell()).toBe("failed 503");
	});

	test("42: and then fills it itself, because a purge has voided that, is not voided by the same", async () => {
		const made = memory();
		const engine = createTestEngine({ store: made.store, tags: ["t"] });
		const other = createTestEngine({ store: made.store, tags: ["t"] });
		const gate = Promise.withResolvers<void>();
		other.does(() => gate.promise.then(() => text("other")));
		const filling = other.tell();
		const waiting = engine.tell();
		await Bun.sleep(1);
		await made.coordination.invalidate(["t"], "purge");
		gate.resolve();
		expect(await filling).toBe("miss other");
		expect(await waiting).toBe("miss run 1");
		expect(await engine.tell()).toBe("hit run 1");
	});

	test("24: hears soon after that one is done, however long it took", async () => {
		const made = memory();
		const engine = createTestEngine({ store: made.store });
		const other = createTestEngine({ store: made.store });
		other.does(() => Bun.sleep(650).then(() => text("other")));
		const filling = other.tell();
		const begun = performance.now();
		expect(await engine.tell()).toBe("miss other");
		expect(performance.now() - begun).toBeLessThan(950);
		await filling;
	});

	test("19: has it worked out anew although that one has just been, when that is what was asked for", async () => {
		const made = memory();
		const engine = createTestEngine({ store: made.store });
		const other = createTestEngine({ store: made.store });
		const gate = Promise.withResolvers<void>();
		other.does(() => gate.promise.then(() => text("other")));
		const filling = other.tell();
		const renewing = engine.tell("x", { renew: true });
		gate.resolve();
		expect(await filling).toBe("miss other");
		expect(await renewing).toBe("miss run 1");
	});

	test("24: waits for it together with a refresh that began before", async () => {
		const made = memory();
		const asked = Promise.withResolvers<void>();
		let isSlow = false;
		const store = but(made, {
			async acquire(...args) {
				if (isSlow) await asked.promise;
				return made.coordination.acquire(...args);
			},
		});
		const engine = createTestEngine({ store, policy: { staleWhileRevalidate: 10 } });
		const name = await nameOf(engine);
		engine.clock.advance(61_000);
		await made.coordination.acquire(name, "other", 60_000);
		isSlow = true;
		expect(inShort(await engine.ask())).toBe("stale run 1");
		engine.clock.advance(10_000);
		const waiting = [engine.tell(), engine.tell(), engine.tell()];
		await Bun.sleep(1);
		isSlow = false;
		asked.resolve();
		await Bun.sleep(1);
		await made.coordination.release(name, "other");
		expect(await Promise.all(waiting)).toEqual(["miss run 2", "miss run 2", "miss run 2"]);
		expect(engine.runs()).toBe(2);
	});
});

async function nameOf(engine: ReturnType<typeof createTestEngine>): Promise<string> {
	const served = await engine.ask();
	await engine.cache.settled();
	return served.from === "entry" ? `things:${served.entry.digest.slice(0, 32)}` : "";
}
