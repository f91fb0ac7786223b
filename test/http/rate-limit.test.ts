import { describe, expect, test } from "bun:test";
import { createRateLimiter } from "../../src/http/rate-limit.ts";

const START = Date.UTC(2026, 4, 1);

function limiter(options: { perMinute: number; burst?: number; maxKeys?: number }) {
	let now = START;
	const limits = createRateLimiter({ ...options, clock: () => now });
	return {
		take: limits.take,
		wait(ms: number) {
			now += ms;
		},
	};
}

function takeMany(take: (key: string) => { allowed: boolean }, key: string, times: number): number {
	return Array.from({ length: times }, () => take(key)).filter(({ allowed }) => allowed).length;
}

describe("a rate limiter", () => {
	test("allows the burst at once and refuses the next", () => {
		const { take } = limiter({ perMinute: 5 });
		expect(takeMany(take, "a", 5)).toBe(5);
		expect(take("a")).toEqual({ allowed: false, retryAfterS: 12 });
	});

	test("allows again after exactly the time that it named", () => {
		for (const perMinute of [1, 5, 7, 120, 1000]) {
			const { take, wait } = limiter({ perMinute });
			takeMany(take, "a", perMinute);
			const { allowed, retryAfterS } = take("a");
			expect(allowed).toBe(false);
			wait(retryAfterS * 1000);
			expect(take("a").allowed).toBe(true);
		}
	});

	test("keeps to the sustained rate over a long time", () => {
		const { take, wait } = limiter({ perMinute: 7, burst: 3 });
		let allowed = 0;
		for (let second = 0; second < 3600; second++) {
			allowed += takeMany(take, "a", 2);
			wait(1000);
		}
		expect(allowed).toBeGreaterThanOrEqual(7 * 60);
		expect(allowed).toBeLessThanOrEqual(7 * 60 + 3);
	});

	test("does not count refused attempts", () => {
		const { take, wait } = limiter({ perMinute: 6, burst: 1 });
		expect(take("a").allowed).toBe(true);
		for (let i = 0; i < 100; i++) take("a");
		wait(10_000);
		expect(take("a").allowed).toBe(true);
	});

	test("counts each key by itself", () => {
		const { take } = limiter({ perMinute: 1 });
		expect(take("a").allowed).toBe(true);
		expect(take("b").allowed).toBe(true);
		expect(take("a").allowed).toBe(false);
	});

	test("keeps no more keys than it was allowed to", () => {
		const { take } = limiter({ perMinute: 1, maxKeys: 2 });
		expect(take("a").allowed).toBe(true);
		take("b");
		take("c");
		expect(take("a").allowed).toBe(true);
	});

	test("locks nobody out for hours when the clock is set back", () => {
		const { take, wait } = limiter({ perMinute: 1 });
		take("a");
		wait(-6 * 3_600_000);
		expect(take("a").retryAfterS).toBeLessThanOrEqual(60);
	});

	test("refuses options that make no sense when it is built", () => {
		const clock = () => START;
		expect(() => createRateLimiter({ perMinute: 0, clock })).toThrow(RangeError);
		expect(() => createRateLimiter({ perMinute: Number.NaN, clock })).toThrow(RangeError);
		expect(() => createRateLimiter({ perMinute: 5, burst: 0, clock })).toThrow(RangeError);
	});
});
