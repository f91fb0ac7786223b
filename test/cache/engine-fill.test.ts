import { describe, expect, test } from "bun:test";
import type { CacheStore } from "../../src/cache/store.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, failing, inShort, text } from "./support/engine.ts";
import { eventually } from "./support/eventually.ts";

/** A memory store that answers like one at the other end of a wire. */
function distant(latencyMs: number): CacheStore {
	const memory = createMemoryStore({ clock: Date.now, maxBytes: 1024 * 1024 });
	const late = async <T>(work: () => T | Promise<T>): Promise<T> => {
		await Bun.sleep(latencyMs);
		const result = await work();
		await Bun.sleep(latencyMs);
		return result;
	};
	const { coordination } = memory;
	if (!coordination) throw new Error("the memory store declares no coordination");
	return {
		name: "distant",
		get: (key) => late(() => memory.get(key)),
		set: (key, value, ttlMs) => late(() => memory.set(key, value, ttlMs)),
		delete: (key) => late(() => memory.delete(key)),
		coordination: {
			generations: (tags) => late(() => coordination.generations(tags)),
			invalidate: (tags, how) => late(() => coordination.invalidate(tags, how)),
			evict: (key) => late(() => coordination.evict(key)),
			acquire: (key, token, leaseMs) => late(() => coordination.acquire(key, token, leaseMs)),
			commit: (key, value, ttlMs, held) => late(() => coordination.commit(key, value, ttlMs, held)),
			release: (key, token, failure) => late(() => coordination.release(key, token, failure)),
		},
	};
}

describe("one fill", () => {
	test("22: a hundred who ask at once for what is not there share one run", async () => {
		const engine = createTestEngine();
		const gate = Promise.withResolvers<void>();
		engine.does(async (run) => {
			await gate.promise;
			return text(`run ${run}`);
		});
		const asked = Array.from({ length: 100 }, () => engine.ask());
		gate.resolve();
		const served = await Promise.all(asked);
		expect(engine.runs()).toBe(1);
		expect(new Set(served.map(inShort))).toEqual(new Set(["miss run 1"]));
		expect(served.filter((one) => one.from === "entry" && one.collapsed)).toHaveLength(99);
	});

	test("23: those who come while a slow store is asked, filled or written join the same run", async () => {
		const engine = createTestEngine({ store: distant(10), storeBudgetMs: 1_000 });
		engine.does(async (run) => {
			await Bun.sleep(30);
			return text(`run ${run}`);
		});
		const asked: Promise<string>[] = [];
		for (let index = 0; index < 40; index += 1) {
			asked.push(engine.ask().then(inShort));
			await Bun.sleep(4);
		}
		const told = new Set(await Promise.all(asked));
		expect(engine.runs()).toBe(1);
		expect([...told].sort()).toEqual(["hit run 1", "miss run 1"]);
		await engine.cache.settled();
	});

	test("26: a hundred who wait for a run that fails get its error, and it ran once", async () => {
		const engine = createTestEngine();
		const gate = Promise.withResolvers<void>();
		engine.does(async () => {
			await gate.promise;
			throw new Error("no luck");
		});
		const asked = Array.from({ length: 100 }, () => engine.tell());
		gate.resolve();
		expect(new Set(await Promise.all(asked))).toEqual(new Set(["threw no luck"]));
		expect(engine.runs()).toBe(1);
	});

	test("26: a key that keeps failing costs one run a step, of 100 ms doubling to 5 s, and is refused meanwhile", async () => {
		const engine = createTestEngine();
		engine.does(() => failing());
		expect(await engine.tell()).toBe("failed 503");
		const runsAt: number[] = [];
		for (let ms = 0; ms < 30_000; ms += 50) {
			const before = engine.runs();
			const told = await engine.tell();
			if (engine.runs() > before) runsAt.push(ms);
			else expect(told).toBe("busy 503");
			engine.clock.advance(50);
		}
		const pauses = runsAt.slice(1).map((at, index) => at - (runsAt[index] ?? 0));
		expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000].slice(0, pauses.length));
		expect(pauses.length).toBeGreaterThan(6);
	});

	test.each([200, 304, 399, 600, Number.NaN, "404"])(
		"26: an error with the status %p, which no error has, is a failure of the handler",
		async (status) => {
			const engine = createTestEngine();
			engine.does(() => Promise.reject(Object.assign(new Error("odd"), { status })));
			expect(await engine.tell()).toBe("threw odd");
			expect(await engine.tell()).toBe("busy 503");
			expect(engine.events).toContainEqual(expect.objectContaining({ type: "fill-failed", status: 500 }));
		},
	);

	test("26: who is refused hears when to try again", async () => {
		const engine = createTestEngine();
		engine.does(() => failing());
		for (let failures = 0; failures < 6; failures += 1) {
			await engine.tell();
			engine.clock.advance(5_000);
		}
		await engine.tell();
		expect(await engine.ask()).toEqual({ from: "nothing", why: "busy", status: 503, retryAfterS: 5 });
	});

	test("26: a key that has not been asked for in a minute starts with the first step again", async () => {
		const engine = createTestEngine();
		engine.does(() => failing());
		for (let failures = 0; failures < 6; failures += 1) {
			await engine.tell();
			engine.clock.advance(5_000);
		}
		engine.clock.advance(60_000);
		expect(await engine.tell()).toBe("failed 503");
		engine.clock.advance(100);
		expect(await engine.tell()).toBe("failed 503");
	});

	test("26: after one success the steps begin anew", async () => {
		const engine = createTestEngine({ policy: { ttl: 1 } });
		engine.does((run) => (run === 3 ? text("ok", { ttl: 1 }) : failing()));
		await engine.tell();
		engine.clock.advance(100);
		await engine.tell();
		engine.clock.advance(200);
		expect(await engine.tell()).toBe("miss ok");
		engine.clock.advance(1_000);
		expect(await engine.tell()).toBe("failed 503");
		engine.clock.advance(100);
		expect(await engine.tell()).toBe("failed 503");
	});

	test("22: only who makes a handler run needs to be admitted", async () => {
		const engine = createTestEngine();
		const admitted: number[] = [];
		const told = await Promise.all(
			[1, 2, 3].map((who) => engine.tell("x", { admit: () => void admitted.push(who) })),
		);
		expect(told).toEqual(["miss run 1", "miss run 1", "miss run 1"]);
		expect(admitted).toEqual([1]);
	});

	test("22: who is not admitted makes no handler run, however long that takes to say", async () => {
		const engine = createTestEngine();
		const refuse = () => Bun.sleep(5).then(() => Promise.reject(new Error("too many")));
		expect(await engine.tell("x", { admit: refuse })).toBe("threw too many");
		expect(engine.runs()).toBe(0);
		const told = await Promise.all([
			engine.tell("x", { admit: refuse }),
			engine.tell("x", { admit: () => Bun.sleep(5) }),
			engine.tell("x", { admit: () => Bun.sleep(10) }),
		]);
		expect(told).toEqual(["threw too many", "miss run 1", "miss run 1"]);
		expect(engine.runs()).toBe(1);
	});

	test("28: a run that passes its timeout is given up on, and what it brings later is dropped", async () => {
		const engine = createTestEngine({ policy: { timeout: 0.03 } });
		const late = Promise.withResolvers<void>();
		let aborted = false;
		engine.does(async (run, signal) => {
			if (run > 1) return text(`run ${run}`);
			signal.addEventListener("abort", () => {
				aborted = true;
			});
			await late.promise;
			return text("too late");
		});
		const told = await Promise.all([engine.tell(), engine.tell()]);
		expect(told).toEqual(["timed-out 504", "timed-out 504"]);
		expect(aborted).toBe(true);
		engine.clock.advance(100);
		expect(await engine.tell()).toBe("miss run 2");
		late.resolve();
		await eventually(() => late.promise);
		expect(await engine.tell()).toBe("hit run 2");
	});

	test("28: who has an old copy gets that when the run passes its timeout", async () => {
		const engine = createTestEngine({ policy: { timeout: 0.03, staleIfError: 60 } });
		await engine.tell();
		engine.clock.advance(61_000);
		engine.does(() => new Promise(() => {}));
		expect(await engine.tell()).toBe("stale run 1");
	});

	test("29: equal inputs on different policies share nothing", async () => {
		const engine = createTestEngine();
		const other = engine.cache.register({ name: "others", prefix: "things:", ttl: 60, scope: "shared" });
		const [one, two] = await Promise.all([
			engine.cache.wrap(engine.policy, "x", async () => 1),
			engine.cache.wrap(other, "x", async () => 2),
		]);
		expect([one, two]).toEqual([1, 2]);
	});

	test("29: equal inputs on different stores share nothing", async () => {
		const clock = createTestClock();
		const [one, two] = [createTestEngine({ clock }), createTestEngine({ clock })];
		two.does(() => text("two"));
		expect(await Promise.all([one.tell(), two.tell()])).toEqual(["miss run 1", "miss two"]);
	});

	test("29: when an answer cannot be shared each who waited runs alone, not all at once", async () => {
		const engine = createTestEngine();
		let running = 0;
		let most = 0;
		engine.does(async (run) => {
			running += 1;
			most = Math.max(most, running);
			await Bun.sleep(1);
			running -= 1;
			return { kind: "own", result: `of ${run}`, reason: "set-cookie" };
		});
		const told = await Promise.all(Array.from({ length: 100 }, () => engine.tell()));
		expect(new Set(told).size).toBe(100);
		expect(engine.runs()).toBe(100);
		expect(most).toBeWithin(2, 17);
	});

	test("29: who runs alone has to be admitted, and is waited for by whoever ends the process", async () => {
		const engine = createTestEngine();
		engine.does(() => ({ kind: "own", result: "own", reason: "set-cookie" }));
		await engine.tell();
		const admit = () => {
			throw new Error("too many");
		};
		expect(await engine.tell("x", { admit })).toBe("threw too many");
		expect(engine.runs()).toBe(1);
		let isDone = false;
		engine.does(async () => {
			await Bun.sleep(5);
			isDone = true;
			return { kind: "own", result: "own", reason: "set-cookie" };
		});
		const asked = engine.ask();
		await Bun.sleep(1);
		await engine.cache.settled();
		expect(isDone).toBe(true);
		await asked;
	});

	test("29: who finds no room to run in as long as a run may take is told to come again", async () => {
		const engine = createTestEngine({ policy: { timeout: 0.1 } });
		engine.does(() => ({ kind: "own", result: "own", reason: "set-cookie" }));
		await engine.tell();
		engine.does(() => new Promise(() => {}));
		const begun = performance.now();
		const served = await Promise.all(Array.from({ length: 50 }, () => engine.ask()));
		expect(performance.now() - begun).toBeLessThan(350);
		expect(served).toContainEqual({ from: "nothing", why: "busy", status: 503, retryAfterS: 1 });
		expect(engine.runs()).toBeLessThan(50);
		await engine.cache.settled();
		engine.clock.advance(10_000);
		engine.does(() => text("better"));
		expect(await engine.tell()).toBe("miss better");
	});

	test("26: a key whose answers cannot be shared costs one run a step, too, when it fails", async () => {
		const engine = createTestEngine();
		engine.does(() => ({ kind: "own", result: "own", reason: "set-cookie" }));
		await engine.tell();
		engine.does(() => failing());
		expect(await engine.tell()).toBe("failed 503");
		expect(await engine.tell()).toBe("busy 503");
		engine.clock.advance(100);
		expect(await engine.tell()).toBe("failed 503");
		expect(engine.runs()).toBe(3);
	});

	test("29: that an answer cannot be shared is remembered for 10 s, so nobody waits for it", async () => {
		const engine = createTestEngine();
		engine.does((run) => ({ kind: "own", result: `${run}`, reason: "set-cookie" }));
		await engine.tell();
		const gate = Promise.withResolvers<void>();
		engine.does(async (run) => {
			if (run === 2) await gate.promise;
			return { kind: "own", result: `${run}`, reason: "set-cookie" };
		});
		const slow = engine.tell();
		expect(await engine.ask().then(inShort)).toBe("own 3");
		gate.resolve();
		expect(await slow).toBe("own 2");
		engine.clock.advance(10_000);
		engine.does((run) => text(`run ${run}`));
		expect(await engine.tell()).toBe("miss run 4");
		expect(await engine.tell()).toBe("hit run 4");
	});
});
