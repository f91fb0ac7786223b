import { describe, expect, test } from "bun:test";
import { standardFloors } from "../../src/ratio-study/floors/index.ts";
import { originalRule } from "../../src/ratio-study/floors/original.ts";
import { areaRooms, projectRooms } from "../../src/ratio-study/floors/per-sqm.ts";
import type { Sale } from "../../src/ratio-study/sale.ts";
import type { Floor } from "../../src/ratio-study/valuer.ts";
import { sale, subject } from "./support.ts";

/** A sale of 100 m2 at so many AED/m2. */
const at = (perSqm: number, change: Partial<Sale> = {}) => sale({ price: 100 * perSqm, ...change });

function taught(floor: Floor, ...sales: Sale[]): Floor {
	floor.learn(sales);
	return floor;
}

describe("the floor of area and rooms", () => {
	test("is the median AED/m2 of the type, area and rooms, times the size", () => {
		const floor = taught(
			areaRooms(),
			at(9_000, { projectId: 1 }),
			at(10_000, { projectId: null }),
			at(14_000),
			at(99_000, { rooms: 2 }),
			at(99_000, { areaId: 2 }),
			at(99_000, { propertyType: "Villa" }),
		);
		expect(floor.value(subject({ sizeSqm: 50 }))).toBe(500_000);
	});

	test("is the area's where no sale had as many rooms, or they are not known", () => {
		const floor = taught(areaRooms(), at(9_000), at(11_000, { rooms: null }), at(14_000, { rooms: 2 }));
		expect(floor.value(subject({ rooms: 3 }))).toBe(1_100_000);
		expect(floor.value(subject({ rooms: null }))).toBe(1_100_000);
		expect(floor.value(subject({ rooms: 2 }))).toBe(1_400_000);
	});

	test("is nothing where nothing of the type was sold in the area", () => {
		const floor = taught(areaRooms(), at(9_000));
		expect(floor.value(subject({ areaId: 2 }))).toBeNull();
		expect(floor.value(subject({ propertyType: "Villa" }))).toBeNull();
	});

	test("goes along with what it learns", () => {
		const floor = taught(areaRooms(), at(9_000));
		expect(floor.value(subject())).toBe(900_000);
		floor.learn([at(11_000)]);
		expect(floor.value(subject())).toBe(1_000_000);
	});

	test("leaves out what is no home, or has no price or size", () => {
		const floor = taught(
			areaRooms(),
			at(9_000),
			at(0),
			sale({ sizeSqm: 0 }),
			at(1, { propertyType: "Land" }),
		);
		expect(floor.value(subject())).toBe(900_000);
		expect(floor.value(subject({ propertyType: "Land" }))).toBeNull();
	});
});

describe("the floor of project and rooms", () => {
	const floor = taught(
		projectRooms(),
		at(9_000),
		at(13_000, { rooms: 2 }),
		at(20_000, { projectId: 8 }),
		at(30_000, { projectId: null, rooms: 3 }),
	);

	test("is the project's with as many rooms", () => {
		expect(floor.value(subject())).toBe(900_000);
	});

	test("is the project's where no sale in it had as many rooms", () => {
		expect(floor.value(subject({ rooms: 3 }))).toBe(1_100_000);
	});

	test("is that of area and rooms where the project is not known", () => {
		// 9,000 and 20,000 have one room in the area.
		expect(floor.value(subject({ projectId: null }))).toBe(1_450_000);
		expect(floor.value(subject({ projectId: 9 }))).toBe(1_450_000);
		expect(floor.value(subject({ projectId: 9, rooms: 3 }))).toBe(3_000_000);
	});
});

describe("the original rule", () => {
	const sales = [
		sale({ price: 700_000, sizeSqm: 70 }),
		sale({ price: 1_500_000, sizeSqm: 100, rooms: 2 }),
		sale({ price: 1_560_000, sizeSqm: 130, projectId: null }),
		sale({ price: 9_000_000, sizeSqm: 69 }),
		sale({ price: 9_000_000, sizeSqm: 131 }),
		sale({ price: 9_000_000, sizeSqm: 100, areaId: 2 }),
		sale({ price: 9_000_000, sizeSqm: 100, propertyType: "Villa" }),
	];

	test("is 0.7 of the median price and 0.3 of the median AED/m2 times the size, within 30 % of the size", () => {
		// Those of 70, 100 and 130 m2, at 10,000, 15,000 and 12,000 AED/m2: 0.7 x 1,500,000 + 0.3 x 12,000 x 100.
		expect(taught(originalRule(), ...sales).value(subject())).toBeCloseTo(1_410_000, 3);
		// Those of 69, 70 and 100 m2: 0.7 x 1,500,000 + 0.3 x 15,000 x 90.
		expect(taught(originalRule(), ...sales).value(subject({ sizeSqm: 90 }))).toBeCloseTo(1_455_000, 3);
	});

	test("is nothing where nothing is of about the size", () => {
		expect(taught(originalRule(), ...sales).value(subject({ sizeSqm: 300 }))).toBeNull();
		expect(originalRule().value(subject())).toBeNull();
	});

	test("goes along with what it learns, also of a size that was asked for before", () => {
		const floor = taught(originalRule(), at(10_000));
		expect(floor.value(subject())).toBeCloseTo(1_000_000, 3);
		floor.learn([at(12_000)]);
		expect(floor.value(subject())).toBeCloseTo(1_100_000, 3);
	});

	test("multiplies the premiums onto it that apply", () => {
		const floor = taught(
			originalRule([
				{ name: "a known project", factor: 1.5, appliesTo: ({ projectId }) => projectId !== null },
				{ name: "off-plan", factor: 0.5, appliesTo: (one) => one.developmentStatus === "Off-Plan" },
			]),
			at(10_000),
		);
		expect(floor.value(subject())).toBeCloseTo(1_500_000, 3);
		expect(floor.value(subject({ projectId: null }))).toBeCloseTo(1_000_000, 3);
		expect(floor.value(subject({ developmentStatus: "Off-Plan" }))).toBeCloseTo(750_000, 3);
		expect(floor.definition).toContain("x 1.5 for a known project; x 0.5 for off-plan");
	});
});

test("without premiums there is no floor that claims to have them", () => {
	const names = (all: readonly Floor[]) => all.map(({ name }) => name);
	expect(names(standardFloors())).toEqual(["area-rooms", "project-rooms", "original-without-premiums"]);
	expect(names(standardFloors([{ name: "all", factor: 1.1, appliesTo: () => true }]))).toEqual([
		"area-rooms",
		"project-rooms",
		"original",
		"original-without-premiums",
	]);
});
