import { describe, expect, test } from "bun:test";
import type { RentRow } from "../../db/queries/rents.ts";
import type { RentCalibration } from "../../src/rents/calibration.ts";
import { estimateRent } from "../../src/rents/estimate.ts";
import type { RentSubject } from "../../src/rents/subject.ts";
import { weighRents } from "../../src/rents/weigh.ts";

const DAY = 20_000;

const subject: RentSubject = {
	propertyType: "Flat",
	areaIds: [1],
	projectIds: [],
	namesProject: false,
	sizeSqm: 100,
	rooms: null,
	day: DAY,
};
const inTower: RentSubject = { ...subject, projectIds: [7], namesProject: true };

let lastId = 0;
/** Known and begun the day before, of another size than the subject's by next to nothing. */
function contract(annualRent: number, values: Partial<RentRow> = {}): RentRow {
	lastId += 1;
	return {
		id: lastId,
		knownDay: DAY - 1,
		startsDay: DAY,
		annualRent,
		sizeSqm: 100.01,
		rooms: null,
		ofProject: false,
		inProject: values.ofProject ?? false,
		...values,
	};
}

const weightOf = (of: RentSubject, one: RentRow) => weighRents(of, [one]).total;

describe("how much a contract counts", () => {
	test("one that begins on the day and is of about the size counts one", () => {
		expect(weightOf(subject, contract(1))).toBeCloseTo(1, 4);
	});

	test("half after 25 days in an area, after 15 in the project", () => {
		expect(weightOf(subject, contract(1, { startsDay: DAY - 25 }))).toBeCloseTo(0.5, 4);
		expect(weightOf(inTower, contract(1, { startsDay: DAY - 15, ofProject: true }))).toBeCloseTo(0.5, 4);
	});

	test("the start tells the age, and one that is still to begin is not older for it", () => {
		const late = contract(1, { startsDay: DAY - 50, knownDay: DAY - 1 });
		expect(weightOf(subject, late)).toBeCloseTo(0.25, 4);
		expect(weightOf(subject, contract(1, { startsDay: DAY + 20 }))).toBeCloseTo(1, 4);
	});

	test("half where ln(size) differs by 0.05, to either side", () => {
		expect(weightOf(subject, contract(1, { sizeSqm: 100 * Math.exp(0.05) }))).toBeCloseTo(0.5, 6);
		expect(weightOf(subject, contract(1, { sizeSqm: 100 * Math.exp(-0.05) }))).toBeCloseTo(0.5, 6);
	});

	test("twenty times where the very size is let, but not within the project, where all are alike", () => {
		expect(weightOf(subject, contract(1, { sizeSqm: 100 }))).toBe(20);
		expect(weightOf({ ...subject, sizeSqm: 100.0004 }, contract(1, { sizeSqm: 100 }))).toBeCloseTo(20, 4);
		expect(weightOf(inTower, contract(1, { sizeSqm: 100, ofProject: true }))).toBe(1);
	});

	test("less with another number of rooms or an unknown one, if the subject's is known", () => {
		const villa = { ...subject, rooms: 3 };
		expect(weightOf(villa, contract(1, { rooms: 3 }))).toBeCloseTo(1, 4);
		expect(weightOf(villa, contract(1, { rooms: 4 }))).toBeCloseTo(0.15, 4);
		expect(weightOf(villa, contract(1, { rooms: null }))).toBeCloseTo(0.6, 4);
		expect(weightOf(subject, contract(1, { rooms: 4 }))).toBeCloseTo(1, 4);
	});

	test("all of an area's count 0.4 beside the project's own", () => {
		const area = Array.from({ length: 8 }, () => contract(1));
		const { weights, total, ofProject } = weighRents(inTower, [contract(1, { ofProject: true }), ...area]);
		expect(weights[0]).toBeCloseTo(1, 4);
		expect(weights[1]).toBeCloseTo(0.05, 4);
		expect(total).toBeCloseTo(1.4, 4);
		expect(ofProject).toBeCloseTo(1 / 1.4, 4);
	});

	test("an area's that count less than that are not made more of", () => {
		const old = contract(1, { startsDay: DAY - 100 });
		const { weights } = weighRents(inTower, [contract(1, { ofProject: true }), old]);
		expect(weights[1]).toBeCloseTo(1 / 16, 4);
	});
});

describe("the estimate", () => {
	const rents = [90_000, 95_000, 100_000, 105_000, 110_000];
	const five = (values: Partial<RentRow> = {}) =>
		rents.map((rent) => contract(rent, { sizeSqm: 100, ...values }));

	test("is the weighted median of AED/m2, at the subject's size", () => {
		expect(estimateRent(subject, five(), undefined)).toMatchObject({
			annual: expect.closeTo(100_000, 6),
			perSqm: expect.closeTo(1_000, 8),
			contracts: 5,
			range: null,
		});
		const smaller = estimateRent({ ...subject, sizeSqm: 95 }, five(), undefined);
		expect(smaller?.annual).toBeCloseTo(95_000, 6);
	});

	test("follows the newer contracts when rents fall", () => {
		const older = rents.map((rent) => contract(rent * 1.3, { sizeSqm: 100, startsDay: DAY - 150 }));
		const { annual = 0 } = estimateRent(subject, [...five(), ...older], undefined) ?? {};
		expect(annual).toBeGreaterThan(99_000);
		expect(annual).toBeLessThan(103_000);
	});

	test("does not look ahead: what became known on the day or later does not count", () => {
		const known = five();
		const later = rents.map((rent) => contract(9 * rent, { sizeSqm: 100, knownDay: DAY }));
		expect(estimateRent(subject, [...later, ...known], undefined)).toEqual(
			estimateRent(subject, known, undefined),
		);
		expect(estimateRent(subject, [...later, ...known.slice(1)], undefined)).toBeNull();
	});

	test("does not depend on the order of the contracts", () => {
		const contracts = [...five(), ...five({ startsDay: DAY - 30 })];
		const turned = estimateRent(subject, contracts.toReversed(), undefined);
		expect(turned?.annual).toBeCloseTo(estimateRent(subject, contracts, undefined)?.annual ?? 0, 6);
	});

	test("there is none from fewer than five contracts, nor from five that say next to nothing", () => {
		expect(estimateRent(subject, five().slice(1), undefined)).toBeNull();
		expect(estimateRent(subject, five({ sizeSqm: 120, startsDay: DAY - 200 }), undefined)).toBeNull();
	});

	test("its scope says what it rests on", () => {
		const scope = (of: RentSubject, contracts: RentRow[]) => estimateRent(of, contracts, undefined)?.scope;
		expect(scope(inTower, [...five({ ofProject: true }), ...five()])).toBe("project");
		expect(scope(inTower, [...five(), contract(1, { ofProject: true, startsDay: DAY - 60 })])).toBe(
			"new-project",
		);
		expect(scope({ ...subject, namesProject: true }, five())).toBe("new-project");
		expect(scope(subject, five({ inProject: true }))).toBe("area");
		expect(scope(subject, five())).toBe("no-project");
	});
});

describe("the range", () => {
	const one = { propertyType: "Flat", n: 200, medianError: 0.08 };
	const calibration: RentCalibration = {
		dataThrough: DAY - 1,
		segments: [
			{ ...one, scope: null, quantile: 3, coverage: 0.79 },
			{ ...one, scope: "project", quantile: 2, coverage: 0.81 },
		],
	};
	const alike = (ofProject: boolean) =>
		Array.from({ length: 6 }, () => contract(100_000, { sizeSqm: 100, ofProject }));

	test("is the segment's quantile times the spread, to both sides by the same factor", () => {
		// Contracts that agree still let an error of 0.1 be expected.
		expect(estimateRent(inTower, alike(true), calibration)?.range).toEqual({
			low: expect.closeTo(100_000 * Math.exp(-0.2), 6),
			high: expect.closeTo(100_000 * Math.exp(0.2), 6),
			targetCoverage: 0.8,
			measuredCoverage: 0.81,
			n: 200,
		});
	});

	test("is that of the whole type where the scope has none, and missing where the type has none", () => {
		const { low = 0, measuredCoverage } = estimateRent(subject, alike(false), calibration)?.range ?? {};
		expect(low).toBeCloseTo(100_000 * Math.exp(-0.3), 6);
		expect(measuredCoverage).toBe(0.79);
		const office = { ...subject, propertyType: "Office" };
		expect(estimateRent(office, alike(false), calibration)).toMatchObject({ range: null, contracts: 6 });
	});

	test("is the wider the more the contracts differ", () => {
		const differing = [80_000, 90_000, 100_000, 110_000, 125_000, 100_000].map((rent) =>
			contract(rent, { sizeSqm: 100 }),
		);
		const width = (contracts: RentRow[]) => {
			const { low = 0, high = 0 } = estimateRent(subject, contracts, calibration)?.range ?? {};
			return Math.log(high / low);
		};
		expect(width(differing)).toBeGreaterThan(width(alike(false)) + 0.3);
	});
});
