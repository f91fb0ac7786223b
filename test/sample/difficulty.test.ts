import { describe, expect, test } from "bun:test";
import { sampleSales } from "../../db/sample/sales.ts";
import { SAMPLE_SEED } from "../../db/sample.ts";
import { END_DAYS, measureDifficulty, SEGMENTS, type Segment } from "./holdout.ts";

/** Measured in the same way on the Department's sales of January to July 2026; docs/sample.md has the method. */
const REAL: Record<Segment, { mdape: number; ppe10: number }> = {
	all: { mdape: 3.94, ppe10: 77.7 },
	"ready flats": { mdape: 7.57, ppe10: 59.7 },
	"off-plan flats": { mdape: 3.28, ppe10: 83.9 },
	"ready villas": { mdape: 7.24, ppe10: 63.2 },
	"off-plan villas": { mdape: 5.37, ppe10: 66.4 },
};

const measured = END_DAYS.map((endDay) => measureDifficulty(sampleSales({ seed: SAMPLE_SEED, endDay })));
const average = (segment: Segment, figure: "mdape" | "ppe10" | "inProject" | "count") =>
	measured.reduce((sum, one) => sum + one[segment][figure], 0) / measured.length;

describe("valuing the made-up market from comparables", () => {
	for (const segment of SEGMENTS) {
		test(`is no easier than valuing the real one, and not absurdly harder: ${segment}`, () => {
			expect(average(segment, "mdape")).toBeGreaterThanOrEqual(REAL[segment].mdape);
			expect(average(segment, "mdape")).toBeLessThanOrEqual(1.25 * REAL[segment].mdape);
			expect(average(segment, "ppe10")).toBeLessThanOrEqual(REAL[segment].ppe10);
			expect(average(segment, "ppe10")).toBeGreaterThanOrEqual(0.85 * REAL[segment].ppe10);
		});
	}

	test("finds comparables in the same project as often as in the real market", () => {
		expect(average("all", "inProject")).toBeGreaterThan(88);
		expect(average("all", "inProject")).toBeLessThan(96);
		expect(average("ready flats", "inProject")).toBeGreaterThan(70);
		expect(average("ready flats", "inProject")).toBeLessThan(82);
	});

	test("has enough sales in each segment of the last month to be measured", () => {
		expect(average("all", "count")).toBeGreaterThan(2_000);
		expect(average("ready villas", "count")).toBeGreaterThan(40);
	});
});
