import { describe, expect, test } from "bun:test";
import { createTrail, type Standing } from "../../db/replicas/standing.ts";

const AT = 1_000_000;

function says(wal: number, values: Partial<Standing> = {}): Standing {
	return { epoch: "one", version: 7, isReplica: true, wal, ...values };
}

const primary = (wal: number, values: Partial<Standing> = {}) => says(wal, { isReplica: false, ...values });

describe("how much a replica lacks", () => {
	test("is nobody knows while the primary was never heard", () => {
		expect(createTrail(2_000).lagOf(says(100), AT)).toBe(Number.POSITIVE_INFINITY);
	});

	test("is told by the last moment at which the primary was no further", () => {
		const trail = createTrail(2_000);
		trail.saw(primary(100), AT);
		trail.saw(primary(200), AT + 200);
		trail.saw(primary(300), AT + 400);
		expect(trail.lagOf(says(299), AT + 500)).toBe(300);
		expect(trail.lagOf(says(300), AT + 500)).toBe(100);
		expect(trail.lagOf(says(99), AT + 500)).toBe(Number.POSITIVE_INFINITY);
	});

	test("is nothing on a quiet primary, however long ago the last change was", () => {
		const trail = createTrail(2_000);
		for (let ms = 0; ms <= 3_600_000; ms += 200) trail.saw(primary(100), AT + ms);
		expect(trail.lagOf(says(100), AT + 3_600_050)).toBe(50);
	});

	test("grows with time while the primary is silent", () => {
		const trail = createTrail(2_000);
		trail.saw(primary(100), AT);
		expect(trail.lagOf(says(100), AT + 5_000)).toBe(5_000);
	});

	test("is told for as long as it is kept, and no longer", () => {
		const trail = createTrail(2_000);
		for (let step = 0; step <= 100; step += 1) trail.saw(primary(100 + step), AT + 100 * step);
		expect(trail.lagOf(says(181), AT + 10_000)).toBe(1_900);
		expect(trail.lagOf(says(150), AT + 10_000)).toBe(Number.POSITIVE_INFINITY);
	});

	test("is told of the primary after it went back", () => {
		const trail = createTrail(2_000);
		trail.saw(primary(500), AT);
		trail.saw(primary(400), AT + 200);
		expect(trail.lagOf(says(400), AT + 300)).toBe(100);
	});

	test("is everything for what replays nothing, or another database", () => {
		const trail = createTrail(2_000);
		trail.saw(primary(100), AT);
		expect(trail.lagOf(says(100, { isReplica: false }), AT)).toBe(Number.POSITIVE_INFINITY);
		expect(trail.lagOf(says(100, { epoch: "other" }), AT)).toBe(Number.POSITIVE_INFINITY);
		trail.saw(primary(100, { epoch: "other" }), AT);
		expect(trail.lagOf(says(100), AT)).toBe(Number.POSITIVE_INFINITY);
	});
});
