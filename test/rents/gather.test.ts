import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { marketRents } from "../../db/queries/rents.ts";
import { areas, projects, rentals } from "../../db/schema/index.ts";
import { estimateRent } from "../../src/rents/estimate.ts";
import { gatherRents } from "../../src/rents/gather.ts";
import { RentHistory } from "../../src/rents/history.ts";
import { wantedRents } from "../../src/rents/reach.ts";
import type { RentSubject } from "../../src/rents/subject.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/** 2026-08-01, counted from 1970-01-01. */
const DAY = Date.parse("2026-08-01") / 86_400_000;

let database: TestDatabase;
let ids: { marina: number; next: number; tower: number };
beforeAll(async () => {
	database = await createTestDatabase();
	ids = await seed(database);
});
afterAll(() => database.drop());

type NewRental = typeof rentals.$inferInsert;

async function seed({ db }: TestDatabase) {
	const [marina, next] = await db
		.insert(areas)
		.values([
			{ name: "Marsa Dubai", key: "marsa dubai" },
			{ name: "Next Door", key: "next door" },
		])
		.returning();
	if (!marina || !next) throw new Error("nothing was inserted");
	const [tower] = await db
		.insert(projects)
		.values({ areaId: marina.id, name: "Tower", key: "tower" })
		.returning();
	if (!tower) throw new Error("nothing was inserted");

	const rent = (daysAgo: number, values: Partial<NewRental> = {}): NewRental => ({
		contentHash: crypto.randomUUID(),
		registeredAt: `${isoDay(DAY - daysAgo)} 12:00:00`,
		startsOn: isoDay(DAY - daysAgo + 3),
		endsOn: isoDay(DAY - daysAgo + 367),
		kind: "new",
		areaId: marina.id,
		propertyClass: "unit",
		propertyType: "Flat",
		sizeSqm: 90 + (daysAgo % 20),
		annualRent: (90 + (daysAgo % 20)) * 1_500,
		market: true,
		source: "website",
		importRunId: 1,
		...values,
	});
	const many = Array.from({ length: 120 }, (_, at) => [
		rent(1 + (at % 100)),
		rent(2 + (at % 90), { projectId: tower.id, annualRent: 160_000 + at, sizeSqm: 100 + (at % 3) }),
	]).flat();
	await db.insert(rentals).values([
		...many,
		rent(200, { sizeSqm: 101.37, annualRent: 111_111 }),
		rent(3, { areaId: next.id, sizeSqm: 100, annualRent: 77_000, rooms: 1 }),
		// From here on none may be found.
		rent(0, { annualRent: 1_001 }),
		rent(-5, { annualRent: 1_002 }),
		rent(5, { annualRent: 1_003, kind: "renewed" }),
		rent(5, { annualRent: 1_004, market: false, nonMarketReason: "implausible-size" }),
		rent(5, { annualRent: 1_005, propertyType: "Office" }),
		rent(5, { annualRent: 1_006, sizeSqm: 150 }),
		rent(366, { annualRent: 1_007 }),
		rent(3, { annualRent: 1_008, registeredAt: null, startsOn: isoDay(DAY) }),
	]);
	return { marina: marina.id, next: next.id, tower: tower.id };
}

function isoDay(day: number): string {
	return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

const subject = (values: Partial<RentSubject> = {}): RentSubject => ({
	propertyType: "Flat",
	areaIds: [ids.marina],
	projectIds: [],
	namesProject: false,
	sizeSqm: 100,
	rooms: null,
	day: DAY,
	...values,
});

const gatherOne = async (of: RentSubject) => (await gatherRents(database.db, [of]))[0] ?? [];

describe("gathering", () => {
	test("finds new market contracts of the type and about the size that were registered before the day", async () => {
		const rows = await gatherOne(subject());
		expect(rows.length).toBeGreaterThan(40);
		expect(Math.min(...rows.map(({ annualRent }) => annualRent))).toBeGreaterThan(2_000);
		for (const row of rows) {
			expect(row.knownDay).toBeLessThan(DAY);
			expect(Math.abs(Math.log(row.sizeSqm / 100))).toBeLessThan(0.201);
		}
		expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
	});

	test("reads at most a hundred: the latest of the project, of the area and of the very size", async () => {
		const rows = await gatherOne(subject({ projectIds: [ids.tower], namesProject: true }));
		expect(rows.length).toBeLessThanOrEqual(100);
		const own = rows.filter(({ ofProject }) => ofProject);
		expect(own.length).toBeGreaterThanOrEqual(40);
		expect(own.every(({ inProject }) => inProject)).toBe(true);
		expect(rows.some(({ inProject }) => !inProject)).toBe(true);
	});

	test("finds one of the very size that is older than the forty latest, and no other so old", async () => {
		const old = (rows: { annualRent: number }[]) => rows.filter(({ annualRent }) => annualRent === 111_111);
		expect(old(await gatherOne(subject({ sizeSqm: 101.3702 }))).length).toBe(1);
		expect(old(await gatherOne(subject({ sizeSqm: 101.4 }))).length).toBe(0);
	});

	test("looks in all of the areas, and gives the days, rents, sizes and rooms as registered", async () => {
		const rows = await gatherOne(subject({ areaIds: [ids.marina, ids.next] }));
		expect(rows.find(({ annualRent }) => annualRent === 77_000)).toEqual({
			id: expect.any(Number),
			knownDay: DAY - 3,
			startsDay: DAY,
			annualRent: 77_000,
			sizeSqm: 100,
			rooms: 1,
			ofProject: false,
			inProject: false,
		});
	});

	test("a contract whose registration is not known counts from its start", async () => {
		const found = (rows: { annualRent: number }[]) => rows.some(({ annualRent }) => annualRent === 1_008);
		expect(found(await gatherOne(subject()))).toBe(false);
		expect(found(await gatherOne(subject({ day: DAY + 1 })))).toBe(true);
	});

	test("nobody asked, nobody found", async () => {
		expect(await gatherRents(database.db, [])).toEqual([]);
		expect(await gatherOne(subject({ areaIds: [] }))).toEqual([]);
		expect(await gatherOne(subject({ propertyType: 'Un"known\\' }))).toEqual([]);
	});
});

describe("many at once", () => {
	const many = () =>
		Array.from({ length: 600 }, (_, at) =>
			subject({
				sizeSqm: 80 + (at % 50),
				day: DAY - (at % 70),
				...(at % 3 === 0 && { projectIds: [ids.tower], namesProject: true }),
			}),
		);

	test("each gets what it would get alone, in the order asked", async () => {
		const subjects = many();
		const together = await gatherRents(database.db, subjects);
		expect(together.length).toBe(600);
		for (const at of [0, 1, 249, 250, 251, 599]) {
			const of = subjects[at] as RentSubject;
			expect(together[at]).toEqual(await gatherOne(of));
			expect(estimateRent(of, together[at] ?? [], undefined)).toEqual(
				estimateRent(of, await gatherOne(of), undefined),
			);
		}
	});

	test("the memory of a replay gives the same contracts as the database", async () => {
		const history = new RentHistory();
		for (const contract of await marketRents(database.db)) history.add(contract);
		const subjects = many();
		const gathered = await gatherRents(database.db, subjects);
		for (const [at, of] of subjects.entries()) {
			expect(history.latest(wantedRents(of)).map(({ id }) => id)).toEqual(
				(gathered[at] ?? []).map(({ id }) => id),
			);
		}
	});
});

test("all new market contracts can be read, ascending by when they became known", async () => {
	const all = await marketRents(database.db);
	const days = all.map(({ knownDay }) => knownDay);
	expect(days).toEqual([...days].sort((left, right) => left - right));
	expect(all.some(({ annualRent }) => annualRent === 1_003 || annualRent === 1_004)).toBe(false);
	const some = await marketRents(database.db, { from: isoDay(DAY - 5), before: isoDay(DAY) });
	expect(some.length).toBe(all.filter(({ knownDay }) => knownDay >= DAY - 5 && knownDay < DAY).length);
	expect(some.length).toBeGreaterThan(0);
});
