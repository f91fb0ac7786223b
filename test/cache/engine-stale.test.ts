import { describe, expect, test } from "bun:test";
import type { CacheStore } from "../../src/cache/store.ts";
import { createTestEngine, failing, inShort, text } from "./support/engine.ts";
import { seededRandom } from "./support/random.ts";

const STALE = { staleWhileRevalidate: 30, staleIfError: 300 };

/** How often a lease was asked for from now on. */
function countLeases({ coordination }: CacheStore): () => number {
	if (!coordination) throw new Error("the memory store declares no coordination");
	const { acquire } = coordination;
	let asked = 0;
	coordination.acquire = (...args) => {
		asked += 1;
		return acquire(...args);
	};
	return () => asked;
}

describe("a stale answer", () => {
	test("30: is given at once while one refresh runs behind a hundred readers", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(61_000);
		const gate = Promise.withResolvers<void>();
		engine.does(async (run) => {
			await gate.promise;
			return text(`run ${run}`);
		});
		const leases = countLeases(engine.store);
		const served = await Promise.all(Array.from({ length: 100 }, () => engine.ask()));
		expect(new Set(served.map(inShort))).toEqual(new Set(["stale run 1"]));
		expect(leases()).toBe(1);
		expect(served[0]).toMatchObject({ ttlS: -1, ageS: 61 });
		gate.resolve();
		await engine.cache.settled();
		expect(engine.runs()).toBe(2);
		expect(await engine.tell()).toBe("hit run 2");
	});

	test("30: is refreshed by no more than so many at once; those that found no room are when they are asked for again", async () => {
		const engine = createTestEngine({ policy: STALE, maxRefreshes: 2 });
		const names = ["a", "b", "c", "d"];
		for (const name of names) await engine.ask(name);
		engine.clock.advance(61_000);
		const gate = Promise.withResolvers<void>();
		engine.does(async (run) => {
			await gate.promise;
			return text(`run ${run}`);
		});
		const all = async () => (await Promise.all(names.map((name) => engine.ask(name)))).map(inShort);
		expect(await all()).toEqual(["stale run 1", "stale run 2", "stale run 3", "stale run 4"]);
		await all();
		expect(engine.runs()).toBe(4 + 2);
		gate.resolve();
		await engine.cache.settled();
		expect(await all()).toEqual(["hit run 5", "hit run 6", "stale run 3", "stale run 4"]);
		await engine.cache.settled();
		expect(await all()).toEqual(["hit run 5", "hit run 6", "hit run 7", "hit run 8"]);
	});

	test("30: whose refresh fails makes room for the next", async () => {
		const engine = createTestEngine({ policy: STALE, maxRefreshes: 1 });
		for (const name of ["a", "b"]) await engine.ask(name);
		engine.clock.advance(61_000);
		engine.does(() => Promise.reject(new Error("no")));
		await engine.ask("a");
		await engine.cache.settled();
		engine.does((run) => text(`run ${run}`));
		await engine.ask("b");
		await engine.cache.settled();
		expect(inShort(await engine.ask("b"))).toBe("hit run 4");
	});

	test("30: hands its refresh to the platform to wait for", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(61_000);
		const awaited: Promise<unknown>[] = [];
		await engine.ask("x", { waitUntil: (work) => awaited.push(work) });
		expect(awaited).toHaveLength(1);
		await Promise.all(awaited);
		expect(await engine.tell()).toBe("hit run 2");
	});

	test("30: refreshes although the platform will not wait for it, as often as it is asked to", async () => {
		const engine = createTestEngine({ policy: STALE, maxRefreshes: 2 });
		const waitUntil = () => {
			throw new Error("the request is over");
		};
		for (let turn = 1; turn <= 5; turn += 1) {
			expect(inShort(await engine.ask("x", { waitUntil }))).toBe(
				turn === 1 ? "miss run 1" : `stale run ${turn - 1}`,
			);
			await engine.cache.settled();
			engine.clock.advance(61_000);
		}
	});

	test("30: hands over what goes on behind a miss, too", async () => {
		const engine = createTestEngine();
		const awaited: Promise<unknown>[] = [];
		const waitUntil = (work: Promise<unknown>) => void awaited.push(work);
		await engine.ask("x", { waitUntil });
		expect(awaited).toHaveLength(1);
		await Promise.all(awaited);
		expect(await engine.ask().then(inShort)).toBe("hit run 1");
		engine.does(() => ({ kind: "own", result: "own", reason: "set-cookie" }));
		await engine.tell("y");
		await engine.ask("y", { waitUntil });
		expect(awaited).toHaveLength(2);
	});

	test("31: stays when the refresh throws, fails or takes too long, until its time is over; then the failure shows", async () => {
		for (const fail of [
			() => Promise.reject(new Error("no luck")),
			() => failing(500),
			() => failing(502),
			() => failing(503),
			() => failing(504),
			() => new Promise<never>(() => {}),
		]) {
			const engine = createTestEngine({ policy: { ...STALE, timeout: 0.01 } });
			await engine.tell();
			engine.clock.advance(61_000);
			engine.does(fail);
			expect(await engine.tell()).toBe("stale run 1");
			engine.clock.advance(60_000);
			expect(await engine.tell()).toBe("stale run 1");
			engine.clock.advance(238_000);
			expect(await engine.tell()).toBe("stale run 1");
			engine.clock.advance(1_000 + 10_000);
			expect(await engine.tell()).not.toContain("run 1");
		}
	});

	test("31: in place of a failure names the status that it stands in for", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(100_000);
		engine.does(() => failing(503));
		expect(await engine.ask()).toMatchObject({ outcome: "stale", failedWith: 503, ttlS: -40 });
	});

	test("31: is not given when its time ends before the handler fails", async () => {
		const engine = createTestEngine({ policy: { staleIfError: 300 } });
		await engine.tell();
		engine.clock.advance(359_000);
		engine.does(() => {
			engine.clock.advance(1_000);
			return failing();
		});
		expect(await engine.tell()).toBe("failed 503");
	});

	test("31: is not given without a window for it", async () => {
		const engine = createTestEngine();
		await engine.tell();
		engine.clock.advance(60_000);
		engine.does(() => failing());
		expect(await engine.tell()).toBe("failed 503");
	});

	test("32: asked for 50 times a second while its handler fails for 60 s costs a few runs", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(61_000);
		engine.does(() => failing());
		for (let index = 0; index < 60 * 50; index += 1) {
			expect(await engine.tell()).toBe("stale run 1");
			engine.clock.advance(20);
		}
		expect(engine.runs() - 1).toBeWithin(10, 20);
		engine.clock.advance(5_000);
		engine.does(() => text("better"));
		expect(await engine.tell()).toBe("revalidated better");
	});

	test("32: does not ask for a lease for each reader while its handler fails", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(61_000);
		engine.does(() => failing());
		await engine.tell();
		const leases = countLeases(engine.store);
		expect(await engine.tell()).toBe("stale run 1");
		expect(leases()).toBe(0);
	});

	test("33: is dropped when the refresh says that it is gone", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(61_000);
		engine.does(() => ({ kind: "own", result: "404", reason: "status" }));
		expect(await engine.tell()).toBe("stale run 1");
		expect(await engine.tell()).toBe("own 404");
	});

	test("33: is dropped when the refresh throws what stands for a refusal", async () => {
		const engine = createTestEngine({ policy: STALE });
		await engine.tell();
		engine.clock.advance(61_000);
		engine.does(() => Promise.reject(Object.assign(new Error("not found"), { status: 404 })));
		expect(await engine.tell()).toBe("stale run 1");
		expect(await engine.tell()).toBe("threw not found");
	});

	test("33: is not given where a directive forbade it", async () => {
		const engine = createTestEngine({ policy: STALE });
		engine.does((run) => text(`run ${run}`, { mayBeStale: false }));
		await engine.tell();
		engine.clock.advance(60_000);
		engine.does(() => failing());
		expect(await engine.tell()).toBe("failed 503");
	});
});

describe("before its time", () => {
	test("34: a hot entry is refreshed before it expires, once, and no reader waits", async () => {
		const engine = createTestEngine({ random: seededRandom(7), policy: { ttl: 60 } });
		engine.does((run) => {
			engine.clock.advance(500);
			return text(`run ${run}`);
		});
		await engine.tell();
		for (let ms = 0; ms < 59_900; ms += 100) {
			engine.clock.advance(100);
			const told = await engine.tell();
			expect(told).toStartWith("hit");
			if (told === "hit run 2") break;
		}
		expect(engine.runs()).toBe(2);
	});

	test("34: early refresh can be switched off", async () => {
		const engine = createTestEngine({ random: () => 0.999999, policy: { early: 0 } });
		engine.does((run) => {
			engine.clock.advance(500);
			return text(`run ${run}`);
		});
		await engine.tell();
		engine.clock.advance(59_000);
		await engine.tell();
		expect(engine.runs()).toBe(1);
	});

	test("34: keys that are set together expire over the spread, none beyond its time", async () => {
		const engine = createTestEngine({ random: seededRandom(11), policy: { jitter: 0.2 } });
		const ttls: number[] = [];
		for (let index = 0; index < 1_000; index += 1) {
			const served = await engine.ask(index);
			if (served.from === "entry") ttls.push(served.entry.freshUntil - served.entry.storedAt);
		}
		await engine.cache.settled();
		expect(ttls).toHaveLength(1_000);
		expect(Math.max(...ttls)).toBeLessThanOrEqual(60_000);
		expect(Math.min(...ttls)).toBeGreaterThanOrEqual(48_000);
		const tenths = new Set(ttls.map((ttl) => Math.floor((ttl - 48_000) / 1_200)));
		expect(tenths.size).toBeGreaterThanOrEqual(10);
	});
});
