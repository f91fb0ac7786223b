import { describe, expect, test } from "bun:test";
import { openLoop } from "../../bench/faults/open-loop.ts";
import { percentile, waitsBetween, waitsOf } from "../../bench/faults/waits.ts";

/** A loop of 10 requests a second by a clock that is moved by hand, and what its requests wait for. */
function begin() {
	let now = 1_000;
	const asked: PromiseWithResolvers<boolean>[] = [];
	const loop = openLoop({
		perSecond: 10,
		clock: () => now,
		ask: (index) => {
			asked[index] = Promise.withResolvers<boolean>();
			return asked[index].promise;
		},
	});
	return {
		loop,
		asked,
		at(instant: number) {
			now = instant;
			loop.sendDue();
		},
		async answer(index: number, isRight = true) {
			asked[index]?.resolve(isRight);
			await Bun.sleep(0);
		},
	};
}

describe("an open loop", () => {
	test("sends each request when it is due, whether or not those before it were answered", () => {
		const { asked, at } = begin();
		at(1_000);
		expect(asked).toHaveLength(1);
		at(1_099);
		expect(asked).toHaveLength(1);
		at(1_300);
		expect(asked).toHaveLength(4);
	});

	test("counts a wait from when the request was due, though it was sent later", async () => {
		const { loop, at, answer } = begin();
		at(1_150);
		await answer(1);
		expect(loop.end()[0]).toEqual({ dueAt: 1_100, endedAt: 1_150, failed: false });
	});

	test("counts wrong answers, none, and those that are missing at its end as failed", async () => {
		const { loop, asked, at, answer } = begin();
		at(1_200);
		await answer(0, false);
		asked[1]?.reject(new Error("hung up"));
		await Bun.sleep(0);
		at(1_250);
		expect(loop.end()).toEqual([
			{ dueAt: 1_000, endedAt: 1_200, failed: true },
			{ dueAt: 1_100, endedAt: 1_200, failed: true },
			{ dueAt: 1_200, endedAt: 1_250, failed: true },
		]);
	});

	test("neither sends nor counts anything after its end", async () => {
		const { loop, asked, at, answer } = begin();
		at(1_000);
		const calls = loop.end();
		await answer(0);
		at(2_000);
		expect(asked).toHaveLength(1);
		expect(calls).toHaveLength(1);
	});

	test("has settled when all that was sent has ended", async () => {
		const { loop, at, answer } = begin();
		at(1_100);
		let hasSettled = false;
		const settled = loop.settled().then(() => {
			hasSettled = true;
		});
		await answer(0);
		expect(hasSettled).toBe(false);
		await answer(1);
		await settled;
		expect(loop.end()).toHaveLength(2);
	});
});

describe("waits", () => {
	const call = (dueAt: number, endedAt: number, failed = false) => ({ dueAt, endedAt, failed });

	test("are told by nearest rank", () => {
		const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
		expect([0, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100]);
		expect([0.5, 0.99].map((share) => percentile([3, 8], share))).toEqual([3, 8]);
		expect(percentile([], 0.5)).toBe(0);
	});

	test("are those of failed calls as well", () => {
		expect(waitsOf([call(0, 5), call(0, 900, true), call(10, 13)])).toEqual({
			p50: 5,
			p99: 900,
			longest: 900,
			errors: 1,
		});
		expect(waitsOf([])).toEqual({ p50: 0, p99: 0, longest: 0, errors: 0 });
	});

	test("between two instants are of all who waited then, also from before", () => {
		const calls = [call(0, 99), call(50, 100), call(120, 150), call(190, 250), call(201, 202)];
		expect(waitsBetween(calls, 100, 200)).toMatchObject({ longest: 60, p50: 50 });
	});
});
