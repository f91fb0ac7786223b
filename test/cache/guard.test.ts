import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import type { CacheEvent } from "../../src/cache/events.ts";
import { failureCause } from "../../src/cache/failure.ts";
import { type GuardedStore, type GuardOptions, guarded } from "../../src/cache/guard.ts";
import { connectRedis } from "../../src/cache/redis-connection.ts";
import type { CacheStore, StoreHit } from "../../src/cache/store.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";

type Get = () => Promise<StoreHit | undefined>;

const never: Get = () => new Promise(() => {});
const failing =
	(message: string): Get =>
	() =>
		Promise.reject(new Error(message));
const causeOf = (call: unknown) => Promise.resolve(call).then(() => "none", failureCause);

/** A guarded store whose `get` does as it is told, on a clock that stands still. */
function subject(get: Get, options: Partial<GuardOptions> = {}) {
	const state = { get, now: 0, calls: 0, events: [] as CacheEvent[] };
	const backend: CacheStore = {
		...createNoopStore(),
		name: "backend",
		get: () => {
			state.calls += 1;
			return state.get();
		},
	};
	const store = guarded(backend, {
		deadlineMs: 1_000,
		now: () => state.now,
		listener: (event) => state.events.push(event),
		...options,
	});
	return { store, state };
}

describe("a guarded store", () => {
	test("36: fails a call that takes longer than the deadline", async () => {
		const { store } = subject(never, { deadlineMs: 5 });
		await expect(store.get("k")).rejects.toThrow("no answer within 5 ms");
	});

	test("36: counts a call until the backend is done with it, and refuses more than its bound at once", async () => {
		const backend = Promise.withResolvers<undefined>();
		const { store, state } = subject(() => backend.promise, { deadlineMs: 5, maxInFlight: 2 });
		await Promise.allSettled([store.get("a"), store.get("b")]);
		expect(await causeOf(store.get("c"))).toBe("overload");
		expect(state.calls).toBe(2);
		backend.resolve(undefined);
		await eventually(async () => expect(await store.get("d")).toBeUndefined());
	});

	test("gives a place back when a call fails before it began", async () => {
		const broken = () => {
			throw new Error("not even a promise");
		};
		const { store } = subject(broken, { maxInFlight: 1 });
		for (let round = 0; round < 3; round += 1) {
			await expect(store.get("k")).rejects.toThrow("not even a promise");
		}
	});

	test("passes failures on as they are", async () => {
		const { store } = subject(failing("out of order"));
		await expect(store.get("k")).rejects.toThrow("out of order");
	});
});

describe("the breaker", () => {
	async function opened(options: Partial<GuardOptions> = {}) {
		const made = subject(failing("connect ECONNREFUSED"), options);
		for (let call = 0; call < 5; call += 1) expect(await causeOf(made.store.get("k"))).toBe("connection");
		expect(await causeOf(made.store.get("k"))).toBe("breaker-open");
		made.state.calls = 0;
		return made;
	}

	test("36: opens after five calls in a row that got no answer, and says so", async () => {
		const { state } = await opened();
		expect(state.events).toEqual([{ type: "breaker", store: "backend", state: "opened" }]);
	});

	test("36: counts missed deadlines", async () => {
		const { store } = subject(never, { deadlineMs: 2, breaker: { failures: 2 } });
		expect(await causeOf(store.get("k"))).toBe("timeout");
		expect(await causeOf(store.get("k"))).toBe("timeout");
		expect(await causeOf(store.get("k"))).toBe("breaker-open");
	});

	test("counts anew after an answer", async () => {
		const { store, state } = subject(failing("connect ECONNREFUSED"));
		for (let round = 0; round < 3; round += 1) {
			state.get = failing("connect ECONNREFUSED");
			for (let call = 0; call < 4; call += 1) await causeOf(store.get("k"));
			state.get = async () => undefined;
			expect(await causeOf(store.get("k"))).toBe("none");
		}
	});

	for (const reply of [
		"OOM command not allowed when used memory > 'maxmemory'.",
		"READONLY You can't write against a read only replica.",
		"NOAUTH Authentication required.",
		"LOADING Redis is loading the dataset in memory",
	]) {
		test(`stays closed while there are answers, though they be errors: ${reply.split(" ")[0]}`, async () => {
			const { store, state } = subject(failing(reply));
			for (let call = 0; call < 20; call += 1) await causeOf(store.get("k"));
			expect(state.calls).toBe(20);
			expect(state.events).toEqual([]);
		});
	}

	test("stays closed when a burst fills the places of a backend that answers", async () => {
		const { store, state } = subject(async () => undefined, { maxInFlight: 10 });
		const causes = await Promise.all(Array.from({ length: 50 }, () => causeOf(store.get("k"))));
		expect(causes.filter((cause) => cause === "none")).toHaveLength(10);
		expect(causes.filter((cause) => cause === "overload")).toHaveLength(40);
		expect(state.events).toEqual([]);
	});

	test("36: open, does not ask the backend before its time", async () => {
		const { store, state } = await opened();
		state.now = 249;
		expect(await causeOf(store.get("k"))).toBe("breaker-open");
		expect(state.calls).toBe(0);
	});

	test("36: half open, sends one probe for all, turns callers away meanwhile, and closes when it is answered", async () => {
		const { store, state } = await opened();
		const probe = Promise.withResolvers<undefined>();
		state.get = () => probe.promise;
		state.now = 250;
		const causes = await Promise.all(Array.from({ length: 10 }, () => causeOf(store.get("k"))));
		expect(new Set(causes)).toEqual(new Set(["breaker-open"]));
		expect(state.calls).toBe(1);
		probe.resolve(undefined);
		await eventually(async () => expect(await causeOf(store.get("k"))).toBe("none"));
		expect(state.events.at(-1)).toEqual({ type: "breaker", store: "backend", state: "closed" });
		expect(state.events).toHaveLength(2);
	});

	test("36: a probe without an answer keeps it open for another while", async () => {
		const { store, state } = await opened();
		state.now = 250;
		await causeOf(store.get("k"));
		await eventually(() => expect(state.calls).toBe(1));
		await Bun.sleep(1);
		state.now = 499;
		expect(await causeOf(store.get("k"))).toBe("breaker-open");
		expect(state.calls).toBe(1);
		state.now = 500;
		expect(await causeOf(store.get("k"))).toBe("breaker-open");
		expect(state.calls).toBe(2);
	});

	test("closes at once when the backend was heard from by another way", async () => {
		const { store, state } = await opened();
		state.get = async () => undefined;
		store.reconnected();
		expect(await causeOf(store.get("k"))).toBe("none");
		expect(state.events.map((event) => "state" in event && event.state)).toEqual(["opened", "closed"]);
	});
});

test("37: calls that are under way when the server is killed fail for the connection, and count", async () => {
	const redis = await createTestRedis();
	const client = connectRedis({ host: "127.0.0.1", port: redis.port });
	await eventually(() => client.status === "ready");
	const states: string[] = [];
	const store = guarded(createRedisStore({ client }), {
		deadlineMs: 5_000,
		listener: (event) => event.type === "breaker" && states.push(event.state),
	});
	redis.freeze();
	const causes = Array.from({ length: 5 }, (_, index) => causeOf(store.delete(`k:${index}`)));
	await redis.kill();
	expect(await Promise.all(causes)).toEqual(Array(5).fill("connection"));
	expect(states).toEqual(["opened"]);
	client.disconnect();
	await redis.stop();
});

describe("on a Redis that is frozen", () => {
	const DEADLINE_MS = 50;
	const SLACK_MS = 40;
	let redis: TestRedis;
	let client: Redis;
	beforeAll(async () => {
		redis = await createTestRedis();
		client = connectRedis({ host: "127.0.0.1", port: redis.port });
		await eventually(() => client.status === "ready");
	});
	afterAll(async () => {
		client.disconnect();
		await redis.stop();
	});

	afterEach(() => redis.thaw());

	const queued = () => (client as unknown as { commandQueue: { length: number } }).commandQueue.length;

	async function timed(store: GuardedStore): Promise<{ cause: string; tookMs: number }> {
		const startedAt = performance.now();
		const cause = await causeOf(store.get("k"));
		return { cause, tookMs: performance.now() - startedAt };
	}

	async function timerOf(ms: number): Promise<number> {
		const startedAt = performance.now();
		await Bun.sleep(ms);
		return performance.now() - startedAt;
	}

	test("36: each call ends within the deadline from the first on, then in under 1 ms; thawed, a probe closes it", async () => {
		const states: string[] = [];
		const store = guarded(createRedisStore({ client }), {
			deadlineMs: DEADLINE_MS,
			listener: (event) => event.type === "breaker" && states.push(event.state),
		});
		expect((await timed(store)).cause).toBe("none");
		redis.freeze();
		for (let call = 0; call < 5; call += 1) {
			// Beside a plain timer, as a busy machine holds up both.
			const [{ cause, tookMs }, timerMs] = await Promise.all([timed(store), timerOf(DEADLINE_MS)]);
			expect(cause).toBe("timeout");
			expect(tookMs).toBeLessThan(timerMs + SLACK_MS);
		}
		expect(states).toEqual(["opened"]);

		const times: number[] = [];
		for (let call = 0; call < 1_000; call += 1) {
			const { cause, tookMs } = await timed(store);
			expect(cause).toBe("breaker-open");
			times.push(tookMs);
		}
		times.sort((a, b) => a - b);
		expect(times[990]).toBeLessThan(1);

		redis.thaw();
		await eventually(async () => expect((await timed(store)).cause).toBe("none"), 2_000);
		expect(states).toEqual(["opened", "closed"]);
	});

	test("36: commands in flight are capped and memory stays flat under 10,000 calls", async () => {
		const store = guarded(createRedisStore({ client }), {
			deadlineMs: DEADLINE_MS,
			maxInFlight: 100,
			// Never opens, so that nothing but the cap holds calls back.
			breaker: { failures: Number.POSITIVE_INFINITY },
		});
		await eventually(async () => expect((await timed(store)).cause).toBe("none"), 2_000);
		redis.freeze();
		Bun.gc(true);
		const before = process.memoryUsage.rss();
		let most = 0;
		for (let round = 0; round < 100; round += 1) {
			await Promise.all(
				Array.from({ length: 100 }, (_, index) =>
					causeOf(store.set(`k:${index}`, new Uint8Array(10_000), 1_000)),
				),
			);
			most = Math.max(most, queued());
		}
		expect(most).toBeWithin(1, 101);
		Bun.gc(true);
		// Queued, they would be 100 MB.
		expect(process.memoryUsage.rss() - before).toBeLessThan(30 * 1024 * 1024);
		redis.thaw();
		await eventually(async () => expect((await timed(store)).cause).toBe("none"), 2_000);
	});
});
