import { describe, expect, test } from "bun:test";
import type { Entry } from "../../src/cache/entry.ts";
import { freshness, jittered, wantsEarlyRefresh } from "../../src/cache/freshness.ts";
import { seededRandom } from "./support/random.ts";

const ENTRY: Entry = {
	policy: "areas",
	digest: "d".repeat(64),
	status: 200,
	headers: [],
	body: new Uint8Array(),
	length: 0,
	storedAt: 0,
	freshUntil: 60_000,
	staleUntil: 70_000,
	staleIfErrorUntil: 80_000,
	fillMs: 500,
	tags: {},
};

describe("freshness", () => {
	test.each([
		[59_999, "fresh"],
		[60_000, "stale"],
		[69_999, "stale"],
		[70_000, "stale-if-error"],
		[79_999, "stale-if-error"],
		[80_000, "expired"],
	] as const)("30, 31: after %d ms it is %s", (now, expected) => {
		expect(freshness(ENTRY, now)).toBe(expected);
	});

	test("is expired right after fresh where nothing may be stale", () => {
		const strict = { ...ENTRY, staleUntil: 60_000, staleIfErrorUntil: 60_000 };
		expect([59_999, 60_000].map((now) => freshness(strict, now))).toEqual(["fresh", "expired"]);
	});

	test("stays stale to its end where standing in for failures ends first", () => {
		const entry = { ...ENTRY, staleIfErrorUntil: 65_000 };
		expect([69_999, 70_000].map((now) => freshness(entry, now))).toEqual(["stale", "expired"]);
	});
});

describe("jitter", () => {
	const ttlMs = 60_000;
	const expiries = (jitter: number, seed = 1) => {
		const random = seededRandom(seed);
		return Array.from({ length: 1_000 }, () => jittered(ttlMs, jitter, random));
	};

	test("34: spreads a thousand keys that were set together over its share of the time, none beyond it", () => {
		const lifetimes = expiries(0.2);
		expect(Math.max(...lifetimes)).toBeLessThanOrEqual(ttlMs);
		expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(0.8 * ttlMs);
		// Evenly: each tenth of the spread has about 100 of them.
		const tenths = Array.from({ length: 10 }, () => 0);
		for (const lifetime of lifetimes) {
			const tenth = Math.min(9, Math.floor((lifetime - 0.8 * ttlMs) / (0.02 * ttlMs)));
			tenths[tenth] = (tenths[tenth] ?? 0) + 1;
		}
		expect(Math.min(...tenths)).toBeGreaterThan(60);
		expect(Math.max(...tenths)).toBeLessThan(140);
	});

	test("34: is the same again with the same seed", () => {
		expect(expiries(0.2, 7)).toEqual(expiries(0.2, 7));
		expect(expiries(0.2, 7)).not.toEqual(expiries(0.2, 8));
	});

	test("34: of 0 changes nothing", () => {
		expect(new Set(expiries(0))).toEqual(new Set([ttlMs]));
	});

	test("34: gives whole milliseconds above 0, never more than the time it was given", () => {
		expect(jittered(1, 0.99, () => 0.99)).toBe(1);
		expect(jittered(1_500.7, 0, () => 0)).toBe(1_500);
	});
});

describe("early refresh", () => {
	/** Of 1,000 readers at this time, how many want it. */
	function wanting(now: number, entry = ENTRY, early = 1): number {
		const random = seededRandom(3);
		let count = 0;
		for (let reader = 0; reader < 1_000; reader += 1)
			if (wantsEarlyRefresh(entry, now, early, random)) count += 1;
		return count;
	}

	test("34: is the likelier the nearer the end, and nobody wants it long before", () => {
		const counts = [0, 30_000, 57_000, 58_500, 59_000, 59_500, 59_900].map((now) => wanting(now));
		expect(counts[0]).toBe(0);
		expect(counts[1]).toBe(0);
		for (let index = 2; index < counts.length; index += 1) {
			expect(counts[index] ?? 0).toBeGreaterThan(counts[index - 1] ?? 0);
		}
	});

	test("34: has the probability that the paper gives it: e to the minus (time left / fill time)", () => {
		for (const leftMs of [100, 500, 1_000, 1_500]) {
			const expected = 1_000 * Math.exp(-leftMs / ENTRY.fillMs);
			expect(Math.abs(wanting(60_000 - leftMs) - expected)).toBeLessThan(50);
		}
	});

	test("34: is the likelier the longer the fill took and the more eager the policy", () => {
		const slow = { ...ENTRY, fillMs: 5_000 };
		expect(wanting(58_000, slow)).toBeGreaterThan(wanting(58_000));
		expect(wanting(58_000, ENTRY, 4)).toBeGreaterThan(wanting(58_000));
	});

	test("34: never happens where the fill took no time or the policy switched it off", () => {
		expect(wanting(59_999, { ...ENTRY, fillMs: 0 })).toBe(0);
		expect(wanting(59_999, ENTRY, 0)).toBe(0);
	});
});
