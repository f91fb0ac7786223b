import { describe, expect, test } from "bun:test";
import { boundedSegments, fifthsOf, unboundedSegments } from "../../src/ratio-study/segments.ts";
import type { TestedSale } from "../../src/ratio-study/walk.ts";
import { tested } from "./support.ts";

const GROUPS = ["flat-ready", "flat-off-plan", "villa-ready", "villa-off-plan"];
const PRICES = [1, 2, 3, 4, 5].map((fifth) => `price-${fifth}`);

function sizes(all: readonly TestedSale[]): Record<string, number> {
	return Object.fromEntries(boundedSegments(all).map(({ name, cases }) => [name, cases.length]));
}

describe("segments", () => {
	test("are all there, in one order, also when they are empty", () => {
		expect(boundedSegments([]).map(({ name }) => name)).toEqual([
			"all",
			...GROUPS,
			"project-known",
			"area-only",
			"project-unknown",
			...GROUPS.map((name) => `project-unknown-${name}`),
			"unseen-project",
			...PRICES,
		]);
		expect(unboundedSegments([]).map(({ name }) => name)).toEqual(["all", ...GROUPS]);
	});

	test("divide by type, development status and project", () => {
		const all = [
			tested(),
			tested({ developmentStatus: "Off-Plan", projectId: null }),
			tested({ developmentStatus: "Off-Plan" }, { isUnseenProject: true }),
			tested({ propertyType: "Villa" }),
			tested({ propertyType: "Villa", rooms: null }, { isBounded: false, withoutProject: null }),
		];
		expect(sizes(all)).toMatchObject({
			all: 4,
			"flat-ready": 1,
			"flat-off-plan": 2,
			"villa-ready": 1,
			"villa-off-plan": 0,
			"project-known": 3,
			"area-only": 1,
			"project-unknown": 4,
			"project-unknown-flat-off-plan": 2,
			"unseen-project": 1,
		});
		expect(unboundedSegments(all).map(({ cases }) => cases.length)).toEqual([5, 1, 2, 2, 0]);
	});

	test("that do not know the project have the values that were given without it, and only these", () => {
		const estimates = boundedSegments([tested()]).flatMap(({ name, cases }) =>
			cases.map(({ outcome }) => [name.startsWith("project-unknown"), outcome.answer?.estimate]),
		);
		expect(estimates).toContainEqual([true, 2]);
		expect(estimates).toContainEqual([false, 1]);
		expect(estimates).not.toContainEqual([true, 1]);
		expect(estimates).not.toContainEqual([false, 2]);
	});

	test("by price are fifths, from cheap to dear", () => {
		const all = [9, 3, 1, 7, 5, 2, 10, 8, 4, 6].map((price) => tested({ price }));
		expect(fifthsOf(all.map(({ sale }) => sale.price))).toEqual([3, 5, 7, 9]);
		const pricesOf = boundedSegments(all)
			.filter(({ name }) => PRICES.includes(name))
			.map(({ cases }) => cases.map(({ price }) => price).sort((left, right) => left - right));
		expect(pricesOf).toEqual([
			[1, 2],
			[3, 4],
			[5, 6],
			[7, 8],
			[9, 10],
		]);
	});

	test("by price never divide homes of one price", () => {
		const all = [1, 2, 2, 2, 2, 2, 3, 4, 5, 6].map((price) => tested({ price }));
		const holders = boundedSegments(all).filter(
			({ name, cases }) => PRICES.includes(name) && cases.some(({ price }) => price === 2),
		);
		expect(holders.length).toBe(1);
		expect(PRICES.reduce((sum, name) => sum + (sizes(all)[name] ?? 0), 0)).toBe(10);
	});

	test("by area are the thirty largest, the largest first, by name where they are equal", () => {
		const all = Array.from({ length: 40 }, (_, index) => {
			const areaId = 40 - index;
			const count = areaId === 5 ? 4 : areaId > 35 ? 3 : 1;
			const area = `Area ${String(areaId).padStart(2, "0")}`;
			return Array.from({ length: count }, () => tested({ areaId, area }));
		}).flat();
		const areas = boundedSegments(all).filter(({ name }) => name.startsWith("area:"));
		expect(areas.length).toBe(30);
		expect(areas.slice(0, 8).map(({ name, cases }) => [name, cases.length])).toEqual([
			["area:Area 05", 4],
			["area:Area 36", 3],
			["area:Area 37", 3],
			["area:Area 38", 3],
			["area:Area 39", 3],
			["area:Area 40", 3],
			["area:Area 01", 1],
			["area:Area 02", 1],
		]);
	});
});
