import type { Clock } from "../../../src/cache/clock.ts";

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
	advance(ms: number): void;
}

export function createTestClock(startMs = Date.parse("2026-08-01T08:00:00Z")): TestClock {
	let now = startMs;
	const clock = () => now;
	return Object.assign(clock, {
		advance(ms: number) {
			now += ms;
		},
	});
}
