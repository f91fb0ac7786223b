import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { openRedisBackend, type RedisBackend } from "../../src/cache/redis.ts";
import type { Coordination } from "../../src/cache/store.ts";
import { bytes } from "./store-under-test.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine } from "./support/engine.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";

/** Longer than in production: not every test here is about it and the machine may be busy. */
const DEADLINE_MS = 1_000;

let redis: TestRedis;
let admin: Redis;
const backends: RedisBackend[] = [];

beforeAll(async () => {
	redis = await createTestRedis();
	admin = new Redis({ host: "127.0.0.1", port: redis.port });
	admin.on("error", () => {});
});
afterAll(async () => {
	admin.disconnect();
	await redis.stop();
});
beforeEach(async () => {
	await admin.flushdb();
});
afterEach(async () => {
	for (const backend of backends.splice(0)) await backend.close();
});

/** An engine as production has it, on the real Redis. */
async function subject(memoryBytes = 0) {
	const clock = createTestClock();
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: redis.port },
		memoryBytes,
		clock,
		deadlineMs: DEADLINE_MS,
	});
	backends.push(backend);
	await eventually(async () => {
		await backend.store.get("ready?");
		return backend.bus.connected;
	});
	const { store } = backend;
	const engine = createTestEngine({
		store,
		clock,
		storeBudgetMs: DEADLINE_MS,
		policy: { early: 0 },
		tags: ["t"],
	});
	return { ...engine, backend, shared: store.coordination as Coordination };
}

/** How often each command was carried out while `act` ran, but for what the bus and this function say. */
async function commandsOf(act: () => Promise<unknown>): Promise<Record<string, number>> {
	await admin.config("RESETSTAT");
	await act();
	const lines = (await admin.info("commandstats")).matchAll(/^cmdstat_([a-z]+):calls=(\d+)/gm);
	const counts = Object.fromEntries(Array.from(lines, ([, name, count]) => [name as string, Number(count)]));
	for (const name of ["config", "info", "ping", "publish", "subscribe"]) delete counts[name];
	return counts;
}

describe("without a tier in memory", () => {
	test("45: fifty requests of a turn are one MGET and no further command, hits and misses of the marks alike", async () => {
		const { ask, tell } = await subject();
		for (let key = 0; key < 10; key += 1) await tell(key);
		const told: unknown[] = [];
		const commands = await commandsOf(async () => {
			const asked = Array.from({ length: 50 }, (_, index) => ask(index % 10));
			told.push(...(await Promise.all(asked)));
		});
		expect(commands).toEqual({ mget: 1 });
		expect(told.map((served) => (served as { outcome: string }).outcome)).toEqual(
			Array.from({ length: 50 }, () => "hit"),
		);
	});

	test("45: a tag that has no mark yet is given one, one command for each however many ask", async () => {
		const { ask, cache } = await subject();
		const tags = ["new"];
		await ask("warm");
		await cache.settled();
		const commands = await commandsOf(async () => {
			await Promise.all(["x", "x", "x"].map((input) => ask(input, { tags, onlyIfCached: true })));
		});
		expect(commands).toEqual({ mget: 1, set: 1 });
		expect(await admin.get("tag:new")).toMatch(/^[0-9a-f]+\/[0-9a-f]+$/);
	});

	test("45: more keys than one command should have go out in several, in the same turn", async () => {
		const { backend } = await subject();
		for (let key = 0; key < 130; key += 13) await backend.store.set(`k:${key}`, bytes(`${key}`), 60_000);
		let found: (string | undefined)[] = [];
		const commands = await commandsOf(async () => {
			const reads = Array.from({ length: 130 }, async (_, key) => backend.store.get(`k:${key}`));
			found = (await Promise.all(reads)).map((hit) => hit && Buffer.from(hit.value).toString());
		});
		expect(commands).toEqual({ mget: 3 });
		expect(found).toEqual(Array.from({ length: 130 }, (_, key) => (key % 13 === 0 ? `${key}` : undefined)));
	});

	test("45: marks come with their entries across the bound of one command", async () => {
		const { backend, shared } = await subject();
		const keys = Array.from({ length: 63 }, (_, key) => `k:${key}`);
		const tags = ["t1", "t2", "t3"];
		const marks = await shared.generations(tags);
		for (const key of keys) await backend.store.set(key, bytes(key), 60_000);
		const read = await shared.readTogether?.(keys, tags);
		expect(read?.hits.map((hit) => Buffer.from(hit?.value ?? []).toString())).toEqual(keys);
		expect(read?.marks).toEqual(marks);
	});

	test("36: a burst of more requests than calls may be under way is read in one turn, and no store has failed", async () => {
		for (const memoryBytes of [0, 1024 * 1024]) {
			const { ask, events } = await subject(memoryBytes);
			await Promise.all(Array.from({ length: 1_500 }, (_, key) => ask(key, { onlyIfCached: true })));
			expect(events.filter(({ type }) => type === "store-failed")).toEqual([]);
		}
	});

	test("42: what is purged between two turns is a miss in the second, though the first is still on its way", async () => {
		const { ask, tell, cache } = await subject();
		expect(await tell()).toBe("miss run 1");
		const before = ask();
		await new Promise<void>((resolve) => setImmediate(resolve));
		const purged = cache.purge({ tags: ["t"] });
		await Promise.all([before, purged]);
		expect(await tell()).toBe("miss run 2");
		expect(await tell()).toBe("hit run 2");
	});

	test("42: whoever asks in the turn of a purge, after it was done, is not given what is gone", async () => {
		const { ask, tell, cache } = await subject();
		for (let round = 1; round <= 20; round += 1) {
			await tell();
			await cache.purge({ tags: ["t"] });
			const told = await Promise.all([ask(), ask(), ask()]);
			await cache.settled();
			for (const served of told) expect(served).toMatchObject({ from: "entry", outcome: "miss" });
		}
	});

	test.each(["of the wrong type", "that cannot be made, as Redis is full"])(
		"38: a tag %s costs those who do not ask for it nothing, also in its turn",
		async (how) => {
			const { ask, tell, cache, events } = await subject();
			await tell("x");
			if (how.startsWith("of")) await admin.lpush("tag:bad", "x");
			else await admin.config("SET", "maxmemory", "1");
			try {
				const [good, bad] = await Promise.all([ask("x"), ask("y", { tags: ["bad"] })]);
				await cache.settled();
				expect(good).toMatchObject({ from: "entry", outcome: "hit" });
				expect(bad).toMatchObject({ from: "entry", missed: "store-failed", stored: false });
			} finally {
				await admin.config("SET", "maxmemory", "0");
			}
			const failed = events.filter(({ type }) => type === "store-failed");
			expect(failed.map((event) => "cause" in event && event.cause)).toEqual([
				how.startsWith("of") ? "wrong-type" : "out-of-memory",
			]);
		},
	);

	test("35: a turn that fails fails for all in it, and is not what others are given later", async () => {
		const { ask, tell, events } = await subject();
		await tell();
		await redis.kill();
		const told = await Promise.all([ask(), ask(), ask("y")]);
		expect(told.map(({ from }) => from)).toEqual(["entry", "entry", "entry"]);
		expect(events.filter(({ type }) => type === "store-failed").length).toBeGreaterThanOrEqual(3);
		await redis.start();
		await eventually(async () => expect(await tell()).toStartWith("hit"));
	});
});

describe("with a tier in memory", () => {
	test("45: fifty requests that it does not know are one MGET and one PTTL for each entry, then nothing", async () => {
		const cold = await subject();
		for (const key of ["x", "y"]) await cold.tell(key);
		const { ask } = await subject(1024 * 1024);
		const all = () => Promise.all(Array.from({ length: 50 }, (_, index) => ask(index % 2 ? "x" : "y")));
		expect(await commandsOf(all)).toEqual({ mget: 1, pttl: 2 });
		expect(await commandsOf(all)).toEqual({});
	});
});
