import { describe, expect, test } from "bun:test";
import { type Evidence, estimate, type Valued } from "../../src/valuation/estimate.ts";
import { effectiveCount, weightedQuantile } from "../../src/valuation/weighted.ts";

const SUBJECT: Valued = {
	sizeSqm: 100,
	rooms: 1,
	developmentStatus: "Ready",
	projectId: null,
	asOf: "2026-08-01",
};

function sale(perSqm: number, change: Partial<Evidence> = {}): Evidence {
	const sizeSqm = change.sizeSqm ?? 100;
	return {
		price: perSqm * sizeSqm,
		rooms: 1,
		developmentStatus: "Ready",
		projectId: null,
		registeredOn: "2026-07-31",
		...change,
		sizeSqm,
	};
}

function perSqmOf(subject: Valued, sales: Evidence[]): number {
	const result = estimate(subject, sales);
	if (!("perSqm" in result)) throw new Error("there was too little evidence");
	return result.perSqm;
}

describe("weighted quantiles", () => {
	test("are ordinary ones when all weights are equal", () => {
		const items = [5, 1, 3, 2, 4].map((value) => ({ value, weight: 2 }));
		expect([0.1, 0.5, 0.9].map((q) => weightedQuantile(items, q))).toEqual([1, 3, 5]);
	});

	test("go where the weight is", () => {
		const items = [
			{ value: 1, weight: 1 },
			{ value: 9, weight: 10 },
		];
		expect(weightedQuantile(items, 0.5)).toBe(9);
		expect(effectiveCount(items)).toBeCloseTo(1.2, 1);
	});

	test("of nothing do not exist", () => {
		expect(() => weightedQuantile([], 0.5)).toThrow(RangeError);
		expect(effectiveCount([])).toBe(0);
	});
});

describe("an estimate", () => {
	const near = [100, 101, 102, 103, 104, 105].map((perSqm) => sale(perSqm * 100));

	test.each([
		["older", { registeredOn: "2026-01-31" }],
		["of another size", { sizeSqm: 130 }],
		["of another number of rooms", { rooms: 3 }],
		["of another development status", { developmentStatus: "Off-Plan" as const }],
	])("hardly moves for sales that are %s", (_, change) => {
		const far = [200, 201, 202, 203, 204].map((perSqm) => sale(perSqm * 100, change));
		expect(perSqmOf(SUBJECT, [...near, ...far])).toBeLessThan(10_600);
		const equal = far.map((other) => ({ ...sale(other.price / other.sizeSqm) }));
		expect(perSqmOf(SUBJECT, [...near, ...equal, ...equal])).toBeGreaterThan(10_600);
	});

	test("uses only the project's own sales where they suffice, and all where they do not", () => {
		const ofProject = (count: number) => Array.from({ length: count }, () => sale(20_000, { projectId: 7 }));
		const subject = { ...SUBJECT, projectId: 7 };
		expect(estimate(subject, [...near, ...ofProject(5)])).toMatchObject({ scope: "project", perSqm: 20_000 });
		expect(estimate(subject, [...near, ...ofProject(4)])).toMatchObject({ scope: "area" });
	});

	test("is not given on fewer than five sales, nor on many of which one has all the weight", () => {
		expect(estimate(SUBJECT, near.slice(0, 4))).toMatchObject({ found: 4 });
		const remote = Array.from({ length: 20 }, () =>
			sale(9_000, { sizeSqm: 134, registeredOn: "2025-09-01" }),
		);
		expect(estimate(SUBJECT, [sale(10_000), ...remote])).not.toHaveProperty("perSqm");
		expect(estimate(SUBJECT, [])).toEqual({ found: 0, effectiveCount: 0 });
	});

	test("has a range around it that follows the spread", () => {
		const narrow = estimate(SUBJECT, near);
		const wide = estimate(SUBJECT, [...near, sale(5_000), sale(5_100), sale(19_000), sale(19_500)]);
		if (!("perSqm" in narrow && "perSqm" in wide)) throw new Error("there was too little evidence");
		expect(narrow.range.low).toBeLessThanOrEqual(narrow.perSqm);
		expect(narrow.range.high).toBeGreaterThanOrEqual(narrow.perSqm);
		expect(wide.range.high - wide.range.low).toBeGreaterThan(narrow.range.high - narrow.range.low);
		expect(wide.confidence).toBeLessThan(narrow.confidence);
	});

	test("is never fully sure, and the less so the fewer the sales, even if all agree", () => {
		const agreeing = (count: number) =>
			estimate(
				SUBJECT,
				Array.from({ length: count }, () => sale(10_000)),
			);
		expect(agreeing(5)).toMatchObject({ confidence: 83 });
		expect(agreeing(100)).toMatchObject({ confidence: 99 });
	});

	test("does not depend on the order of the sales", () => {
		const sales = [...near, sale(20_000), sale(3_000)];
		expect(perSqmOf(SUBJECT, sales)).toBe(perSqmOf(SUBJECT, [...sales].reverse()));
	});
});
