import { describe, expect, test } from "bun:test";
import { createRateLimiter } from "../../src/http/rate-limit.ts";
import { sharedLimiter } from "../../src/http/shared-limit.ts";

function subject() {
	const state = { waitMs: 0, lost: false };
	const shared = {
		async take() {
			if (state.lost) throw new Error("out of reach");
			return state.waitMs;
		},
	};
	const own = createRateLimiter({ perMinute: 3, clock: () => 0 });
	const failures: unknown[] = [];
	return { state, failures, limiter: sharedLimiter(shared, own, (error) => failures.push(error)) };
}

describe("a limit that instances share", () => {
	test("is what they share, in whole seconds", async () => {
		const { state, limiter } = subject();
		expect(await limiter.take("a")).toEqual({ allowed: true, retryAfterS: 0 });
		state.waitMs = 1_001;
		expect(await limiter.take("a")).toEqual({ allowed: false, retryAfterS: 2 });
	});

	test("is each one's own while they cannot, and what was taken before counts", async () => {
		const { state, failures, limiter } = subject();
		await limiter.take("a");
		await limiter.take("a");
		expect(failures).toEqual([]);
		state.lost = true;
		expect(await limiter.take("a")).toMatchObject({ allowed: true });
		expect(await limiter.take("a")).toMatchObject({ allowed: false, retryAfterS: 20 });
		expect(await limiter.take("b")).toMatchObject({ allowed: true });
		expect(failures).toHaveLength(3);
	});

	test("does not count in the process what was refused by all", async () => {
		const { state, limiter } = subject();
		state.waitMs = 500;
		for (let round = 0; round < 5; round += 1) await limiter.take("a");
		state.lost = true;
		expect(await limiter.take("a")).toMatchObject({ allowed: true });
	});
});
