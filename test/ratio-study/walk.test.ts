import { describe, expect, test } from "bun:test";
import { History } from "../../src/ratio-study/history.ts";
import type { Sale, Subject } from "../../src/ratio-study/sale.ts";
import { walkForward } from "../../src/ratio-study/walk.ts";
import { constant, floors, JULY, market, nearest, sale } from "./support.ts";

const TEST_FROM = JULY + 6;
const SALES = market(12, 15);

/** What everybody made of each sale, by its id. */
function valuesOf(sales: readonly Sale[]): Map<number, unknown> {
	const tested = walkForward({ sales, testFrom: TEST_FROM, valuer: nearest(), floors: floors() });
	return new Map(
		tested.map((one) => [one.sale.id, [one.described, one.withoutProject, one.isUnseenProject]]),
	);
}

/** The ids of the sales that are valued otherwise when this one is changed. */
function movedBy(id: number, change: Partial<Sale>): number[] {
	const before = valuesOf(SALES);
	const after = valuesOf(SALES.map((one) => (one.id === id ? { ...one, ...change } : one)));
	return [...before.keys()].filter((key) => !Bun.deepEquals(before.get(key), after.get(key)));
}

describe("a walk does not look ahead", () => {
	const day = TEST_FROM + 2;
	const ofDay = SALES.filter((one) => one.day === day);
	const laterIds = SALES.filter((one) => one.day > day).map(({ id }) => id);

	test("a price moves the values of all later sales, and none of its day or before", () => {
		expect(ofDay.length).toBe(15);
		expect(laterIds.length).toBe(45);
		// The first and the last of the day: neither comes before the others.
		for (const { id, price } of [ofDay[0] ?? sale(), ofDay[14] ?? sale()]) {
			expect(movedBy(id, { price: 10 * price })).toEqual(laterIds);
		}
	});

	test("a price before the test period moves them all", () => {
		expect(movedBy(0, { price: 1 })).toEqual(SALES.filter((one) => one.day >= TEST_FROM).map(({ id }) => id));
	});

	test("a price of the last day moves nothing", () => {
		expect(movedBy(SALES.length - 1, { price: 1_234_567 })).toEqual([]);
	});

	test("everyone learns each day once, in order, after the day's subjects were valued", () => {
		const events: string[] = [];
		const witness = {
			name: "witness",
			value: (subject: Subject) => {
				events.push(`value ${subject.day - JULY}`);
				return null;
			},
			learn: (sales: readonly Sale[]) => {
				events.push(`learn ${sales.map((one) => one.day - JULY).join(" ")}`);
			},
		};
		const sales = [2, 0, 1, 1, 3].map((offset, id) =>
			sale({ id, day: JULY + offset, propertyType: offset === 2 ? "Land" : "Flat" }),
		);
		walkForward({ sales, testFrom: JULY + 1, valuer: witness, floors: [] });
		// Each twice: with the project and without it. Nobody values land, but everybody gets to know of it.
		expect(events).toEqual([
			"learn 0",
			...Array<string>(4).fill("value 1"),
			"learn 1 1",
			"learn 2",
			...Array<string>(2).fill("value 3"),
			"learn 3",
		]);
	});

	test("history takes no day twice, none that is past, and no two at once", () => {
		const history = new History([]);
		history.add([sale({ day: 5 })]);
		expect(() => history.add([sale({ day: 5 })])).toThrow(RangeError);
		expect(() => history.add([sale({ day: 4 })])).toThrow(RangeError);
		expect(() => history.add([sale({ day: 6 }), sale({ day: 7 })])).toThrow(RangeError);
		history.add([sale({ day: 6 })]);
	});
});

describe("a walk", () => {
	const walk = (sales: readonly Sale[], testTo?: number) =>
		walkForward({
			sales,
			testFrom: JULY,
			...(testTo === undefined ? {} : { testTo }),
			valuer: constant(1),
			floors: [],
		});

	test("comes out the same in whatever order the sales are given", () => {
		expect([...valuesOf(SALES.toReversed())]).toEqual([...valuesOf(SALES)]);
	});

	test("tests the homes of its period, both ends included", () => {
		const sales = [-1, 0, 1, 2].map((offset, id) => sale({ id, day: JULY + offset }));
		expect(walk(sales, JULY + 1).map((one) => one.sale.id)).toEqual([1, 2]);
		expect(walk(sales).map((one) => one.sale.id)).toEqual([1, 2, 3]);
		expect(walk([sale({ propertyType: "Office" })])).toEqual([]);
	});

	test("values the bounded population once more without the project", () => {
		const asked: Subject[] = [];
		const valuer = { ...constant(1), value: (subject: Subject) => asked.push(subject) };
		const sales = [sale(), sale({ id: 1, rooms: null })];
		const [bounded, unbounded] = walkForward({ sales, testFrom: JULY, valuer, floors: [] });
		expect(asked.map(({ projectId, rooms }) => [projectId, rooms])).toEqual([
			[7, 1],
			[null, 1],
			[7, null],
		]);
		expect([bounded?.isBounded, bounded?.described.answer?.estimate]).toEqual([true, 1]);
		expect(bounded?.withoutProject?.answer?.estimate).toBe(2);
		expect([unbounded?.isBounded, unbounded?.withoutProject]).toEqual([false, null]);
	});

	test("knows the projects in which no home was sold before the day", () => {
		const sales = [
			sale({ id: 0, day: JULY }),
			sale({ id: 1, day: JULY }),
			sale({ id: 2, day: JULY, projectId: null }),
			sale({ id: 3, day: JULY, projectId: 8, propertyType: "Office" }),
			sale({ id: 4, day: JULY + 1 }),
			sale({ id: 5, day: JULY + 1, projectId: 8 }),
		];
		expect(
			walk(sales)
				.filter((one) => one.isUnseenProject)
				.map((one) => one.sale.id),
		).toEqual([0, 1, 5]);
	});

	test.each([
		["NaN", Number.NaN],
		["nothing", 0],
		["an infinity", Number.POSITIVE_INFINITY],
		["a range beside the estimate", { estimate: 5, low: 6, high: 7 }],
		["a range of NaN", { estimate: 5, low: Number.NaN, high: 7 }],
	])("refuses %s as a value, and says whose it is", (_, value) => {
		expect(() =>
			walkForward({ sales: [sale()], testFrom: JULY, valuer: constant(value), floors: [] }),
		).toThrow(/^constant gave/);
	});

	test("takes no value for an answer, and a range without end", () => {
		const answerOf = (value: Parameters<typeof constant>[0]) =>
			walkForward({ sales: [sale()], testFrom: JULY, valuer: constant(value), floors: [] })[0]?.described
				.answer;
		expect(answerOf(null)).toBeNull();
		expect(answerOf(5)).toEqual({ estimate: 5, low: null, high: null });
		const endless = { estimate: 5, low: 0, high: Number.POSITIVE_INFINITY };
		expect(answerOf(endless)).toEqual(endless);
	});
});
