import { describe, expect, test } from "bun:test";
import { ratioStudy } from "../../src/ratio-study/study.ts";
import { constant, floors, JULY, market, nearest, sale } from "./support.ts";

const SALES = market(20, 20);
const run = () =>
	ratioStudy({
		sales: [...SALES, sale({ id: 1_000, day: JULY + 19, price: 1, rooms: null })],
		testFrom: JULY + 5,
		testTo: JULY + 40,
		valuer: nearest(),
		floors: floors(),
		model: { name: "nearest", version: 3 },
		bootstrap: { resamples: 40 },
	});

describe("a ratio study", () => {
	const report = run();
	const [all] = report.segments;

	test("says how it came about", () => {
		expect(report.protocol).toMatchObject({
			test_from: "2026-07-06",
			test_to: "2026-07-20",
			history_from: "2026-07-01",
			sales: { given: 401, before_test: 100, tested: 300, tested_unbounded: 301 },
			bootstrap: { resamples: 40, level: 0.95 },
			model: { name: "nearest", version: 3 },
			data_credit: "Dubai Land Department open data",
		});
		expect(Object.keys(report.protocol.floors)).toEqual([
			"area-rooms",
			"project-rooms",
			"original",
			"original-without-premiums",
		]);
	});

	test("has what was tested in its segments, each with every floor", () => {
		expect(all).toMatchObject({ segment: "all", n: 300, valued_share: 1 });
		// Prices lie from 0.7 to 1.3 of what the market pays: the median error of the best guess is about 0.15.
		expect(all?.mdape).toBeWithin(0.12, 0.2);
		expect(all?.median_ratio).toBeWithin(0.9, 1.1);
		expect(report.segments.length).toBe(21);
		for (const one of [...report.segments, ...report.unbounded]) {
			expect(Object.keys(one.floors)).toEqual(Object.keys(report.protocol.floors));
		}
		expect(report.unbounded.map(({ segment, n }) => [segment, n])[0]).toEqual(["all", 301]);
	});

	test("shows what is off about a floor", () => {
		const known = report.segments.find(({ segment }) => segment === "project-known");
		const without = known?.floors["original-without-premiums"]?.median_ratio ?? 0;
		expect(known?.floors["original"]?.median_ratio).toBeCloseTo(1.5 * without, 4);
	});

	test("is one object of plain JSON, the same each time", () => {
		expect(Object.keys(report)).toEqual(["protocol", "segments", "unbounded"]);
		expect(JSON.parse(JSON.stringify(report))).toEqual(report);
		expect(run()).toEqual(report);
		expect(Object.keys(all ?? {})).toEqual([
			"segment",
			"n",
			"mdape",
			"ppe10",
			"ppe20",
			"median_ratio",
			"cod",
			"prd",
			"prb",
			"valued_share",
			"coverage80",
			"half_width80",
			"intervals",
			"floors",
		]);
	});

	test("names the valuer when nothing is said of its model", () => {
		const { protocol } = ratioStudy({ sales: [sale()], testFrom: JULY, valuer: constant(1), floors: [] });
		expect(protocol.model).toEqual({ name: "constant" });
	});

	test("of a period without sales does not exist", () => {
		const empty = { sales: [sale()], testFrom: JULY + 1, valuer: constant(1), floors: [] };
		expect(() => ratioStudy(empty)).toThrow(RangeError);
	});
});
