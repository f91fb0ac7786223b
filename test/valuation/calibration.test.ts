import { describe, expect, test } from "bun:test";
import { calibrate, calibrationFor, type PastError } from "../../src/valuation/calibration.ts";

/** Errors of 1 % to 100 %, all expected to be 10 %. */
function errors(count: number, given: Partial<PastError> = {}): PastError[] {
	return Array.from({ length: count }, (_, index) => ({
		segment: "flat-ready",
		support: "project",
		error: ((index + 1) / count) * (index % 2 === 0 ? 1 : -1),
		expected: 0.1,
		late: true,
		...given,
	}));
}

describe("a calibration", () => {
	test("takes the multiple of the expected error that the target share stays within, by split conformal", () => {
		// Of 199 scores the ceil(200 * 0.8) = 160th smallest: 160/199 of 10.
		const [one] = calibrate(errors(199));
		expect(one).toMatchObject({ segment: "flat-ready", support: "project", n: 199 });
		expect(one?.range).toBeCloseTo((10 * 160) / 199, 9);
		expect(one?.deviation).toBeCloseTo((10 * 137) / 199, 9);
	});

	test("is made of the later errors, and says how many of them the earlier ones' range would have held", () => {
		const early = errors(100, { late: false }).map((one) => ({ ...one, error: one.error / 2 }));
		const [one] = calibrate([...early, ...errors(100)]);
		expect(one?.n).toBe(100);
		// The 81st of the halved: 81/200 of 10 = 4.05, which 40 of the 100 later scores stay within.
		expect(one?.coverage).toBe(0.4);
	});

	test("promises no coverage that was not measured, for want of earlier errors", () => {
		const [one] = calibrate([...errors(99, { late: false }), ...errors(100)]);
		expect(one?.coverage).toBeNull();
	});

	test("of homes is not taken for that of other types, whose errors are expected in another way", () => {
		const list = calibrate([...errors(200), ...errors(100, { segment: "other-ready", support: "area" })]);
		expect(calibrationFor(list, "other-ready", "project")).toMatchObject({ segment: "other-ready", n: 100 });
		expect(calibrationFor(list, "other-off-plan", "project")).toBeUndefined();
	});

	test("counts an error of 10 % of the price as within 10 %, by fifths of the expected error", () => {
		const within = errors(50, { expected: 0.05, error: Math.log(1 / 1.1) + 1e-12 });
		const beyond = errors(50, { expected: 0.2, error: Math.log(1 / 1.1) - 1e-9 });
		const [one] = calibrate([...beyond, ...within]);
		expect(one?.within10.map(({ share, n }) => [share, n])).toEqual([
			[1, 20],
			[1, 20],
			[0.5, 20],
			[0, 20],
			[0, 20],
		]);
		expect(one?.within10.map(({ upTo }) => upTo)).toEqual([0.05, 0.05, 0.2, 0.2, 0.2]);
	});

	test("is not made of fewer than a hundred, which count among all", () => {
		const list = calibrate([...errors(99), ...errors(100, { segment: "villa-ready" })]);
		expect(list.map(({ segment, support, n }) => [segment, support, n])).toEqual(
			expect.arrayContaining([
				["villa-ready", "project", 100],
				[null, "project", 199],
				[null, null, 199],
			]),
		);
		expect(list.some(({ segment }) => segment === "flat-ready")).toBe(false);
		expect(calibrationFor(list, "flat-ready", "project")).toMatchObject({
			segment: null,
			support: "project",
		});
		expect(calibrationFor(list, "villa-ready", "project")).toMatchObject({ segment: "villa-ready" });
		expect(calibrationFor(list, "flat-ready", "area")).toMatchObject({ segment: null, support: null });
		expect(calibrationFor([], "flat-ready", "area")).toBeUndefined();
	});
});
