import { describe, expect, test } from "bun:test";
import { measure } from "../../src/ratio-study/measures.ts";
import { summarise } from "../../src/ratio-study/summary.ts";
import type { Outcome } from "../../src/ratio-study/walk.ts";
import { answer } from "./support.ts";

const BOOTSTRAP = { resamples: 50, seed: 1 };

/** So many cases at 100, of estimates 81, 82, ...; the floor says 120. */
function segment(count: number, answerOf: (estimate: number) => Outcome["answer"] = answer) {
	const cases = Array.from({ length: count }, (_, index) => ({
		price: 100,
		outcome: { answer: answerOf(81 + (index % 40)), floors: [120, null] },
	}));
	return { name: "some", cases };
}

function ranged(estimate: number) {
	return { estimate, low: estimate - 10, high: estimate + 10 };
}

describe("a summary", () => {
	test("has the measures of what was valued, to six decimals, and what share of the sales that was", () => {
		const ofHalf = segment(80, (estimate) => (estimate % 2 === 0 ? answer(estimate) : null));
		const even = ofHalf.cases.flatMap(({ outcome }) =>
			outcome.answer ? [{ price: 100, estimate: outcome.answer.estimate }] : [],
		);
		const summary = summarise(ofHalf, [], BOOTSTRAP);
		expect(summary).toMatchObject({ segment: "some", n: 80, valued_share: 0.5 });
		for (const [name, value] of Object.entries(measure(even))) {
			expect(summary[name as "mdape"]).toBe(Math.round(value * 1e6) / 1e6);
		}
	});

	test("has an interval around each measure, the same each time", () => {
		const some = segment(80, ranged);
		// At one price for all a PRD could not be anything but 1.
		const cases = some.cases.map((one, index) => ({ ...one, price: 90 + (index % 7) }));
		const summary = summarise({ ...some, cases }, [], BOOTSTRAP);
		const names = [
			"mdape",
			"ppe10",
			"ppe20",
			"median_ratio",
			"cod",
			"prd",
			"prb",
			"coverage80",
			"half_width80",
		];
		expect(Object.keys(summary.intervals)).toEqual(names);
		for (const name of names as (keyof typeof summary.intervals)[]) {
			const [low, high] = summary.intervals[name] ?? [1, 0];
			expect(low).toBeLessThan(high);
			expect(summary[name]).toBeWithin(low, high + 1e-9);
		}
		expect(summarise({ ...some, cases }, [], BOOTSTRAP)).toEqual(summary);
	});

	test.each([
		["sales", segment(29)],
		["sales that were valued", segment(40, (estimate) => (estimate < 110 ? answer(estimate) : null))],
	])("says nothing of fewer than thirty %s", (_, few) => {
		const summary = summarise(few, ["good"], BOOTSTRAP);
		expect(summary.n).toBe(few.cases.length);
		const { mdape, ppe10, ppe20, median_ratio, cod, prd, prb } = summary;
		expect([mdape, ppe10, ppe20, median_ratio, cod, prd, prb]).toEqual(Array(7).fill(null));
		expect(Object.values(summary.intervals)).toEqual(Array(9).fill(null));
		expect(summary.valued_share).toBeGreaterThan(0);
	});

	test("says something of thirty", () => {
		expect(summarise(segment(30), [], BOOTSTRAP).mdape).toBeGreaterThan(0);
	});

	test("knows nothing of a segment without sales", () => {
		expect(summarise(segment(0), ["good"], BOOTSTRAP)).toMatchObject({
			n: 0,
			valued_share: null,
			mdape: null,
		});
	});

	test("has ranges only where the valuer gives them", () => {
		expect(summarise(segment(80), [], BOOTSTRAP)).toMatchObject({ coverage80: null, half_width80: null });
		// 90 to 110 of the forty estimates have 100 in their range.
		expect(summarise(segment(80, ranged), [], BOOTSTRAP).coverage80).toBe(21 / 40);
	});

	test("has no width where ranges have no end, and yet the share that they cover", () => {
		const endless = (estimate: number) => ({ estimate, low: 0, high: Number.POSITIVE_INFINITY });
		const summary = summarise(segment(40, endless), [], BOOTSTRAP);
		expect([summary.coverage80, summary.half_width80, summary.intervals.half_width80]).toEqual([
			1,
			null,
			null,
		]);
	});

	test("measures each floor by its own values on the same sales", () => {
		const { floors, n } = summarise(segment(40), ["high", "mute"], BOOTSTRAP);
		expect(floors["high"]).toMatchObject({
			n,
			mdape: 0.2,
			ppe10: 0,
			ppe20: 1,
			median_ratio: 1.2,
			valued_share: 1,
		});
		expect(floors["mute"]).toMatchObject({ n, mdape: null, valued_share: 0 });
	});
});
