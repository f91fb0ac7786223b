import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { latestSalesOfAreas, latestSalesOfProjects, type Wanted } from "../../db/queries/evidence.ts";
import { areas, projects, sales } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let areaId: number;
let otherAreaId: number;
let projectId: number;
beforeAll(async () => {
	database = await createTestDatabase();
	const rows = await database.db
		.insert(areas)
		.values([
			{ name: "One", key: "one" },
			{ name: "Two", key: "two" },
		])
		.returning();
	areaId = rows[0]?.id ?? 0;
	otherAreaId = rows[1]?.id ?? 0;
	const [project] = await database.db
		.insert(projects)
		.values({ areaId, name: "Tower", key: "tower" })
		.returning();
	projectId = project?.id ?? 0;
});
afterEach(async () => {
	await database.db.delete(sales);
});
afterAll(() => database.drop());

type Row = typeof sales.$inferInsert;
let numbers = 0;

/** A ready one-bedroom flat of 80 m2 for a million, unless something else is said. Gives its number back. */
async function add(values: Partial<Row> & { id?: number } = {}): Promise<number> {
	const { id, ...rest } = values;
	numbers += 1;
	const row: Row = {
		group: "sale",
		number: `11-2026-${numbers}`,
		registeredAt: "2026-07-01 12:00:00",
		procedure: "Sale",
		areaId,
		propertyClass: "unit",
		propertyType: "Flat",
		developmentStatus: "Ready",
		price: 1_000_000,
		sizeSqm: 80,
		rooms: 1,
		armsLength: true,
		source: "website",
		importRunId: 1,
		...rest,
	};
	const insert = database.db.insert(sales);
	const given =
		id === undefined ? insert.values(row) : insert.overridingSystemValue().values({ ...row, id } as Row);
	const [added] = await given.returning({ id: sales.id });
	return added?.id ?? 0;
}

const wanted = (given: Partial<Wanted> = {}): Wanted => ({
	id: areaId,
	propertyType: "Flat",
	from: "2026-01-01",
	before: "2027-01-01",
	...given,
});
const ofArea = async (given?: Partial<Wanted>, limit = 100) =>
	(await latestSalesOfAreas(database.db, [wanted(given)], limit))[0] ?? [];
const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);

describe("the evidence of a sale", () => {
	test("is the very values of its row", async () => {
		const id = await add({ projectId, rooms: 0, price: 1_234_567.89, sizeSqm: 61.37 });
		expect(await ofArea()).toEqual([
			{ id, day: 20_635, price: 1_234_567.89, sizeSqm: 61.37, rooms: 0, ready: true, areaId, projectId },
		]);
	});

	test.each<[string, Partial<Row> & { id?: number }, object]>([
		["no rooms", { rooms: null }, { rooms: null }],
		["no project", { projectId: null }, { projectId: null }],
		["an id above 2^32", { id: 2 ** 32 + 7 }, { id: 2 ** 32 + 7 }],
		["an id just below it", { id: 2 ** 32 - 1 }, { id: 2 ** 32 - 1 }],
		["an id above 2^40", { id: 2 ** 40 + 2 ** 31 + 1 }, { id: 2 ** 40 + 2 ** 31 + 1 }],
		["fils", { price: 999_999.99, sizeSqm: 33.33 }, { price: 999_999.99, sizeSqm: 33.33 }],
		[
			"a high price",
			{ price: 980_000_000.01, sizeSqm: 9_999.99 },
			{ price: 980_000_000.01, sizeSqm: 9_999.99 },
		],
		["off-plan", { developmentStatus: "Off-Plan" }, { ready: false }],
		["the last second of a day", { registeredAt: "2026-07-01 23:59:59" }, { day: 20_635 }],
		["the first second of a day", { registeredAt: "2026-07-02 00:00:00" }, { day: 20_636 }],
	])("has %s as the row has", async (_, values, unpacked) => {
		await add(values);
		expect(await ofArea()).toMatchObject([unpacked]);
	});

	test.each<[string, Partial<Row>]>([
		["is for a share", { armsLength: false, nonMarketReason: "part-share" }],
		["has no price", { price: null }],
		["has no size", { sizeSqm: null }],
		["is of no size", { sizeSqm: 0 }],
		["is cheaper than any home", { price: 49_999.99, sizeSqm: 20 }],
		["is under 2,000 AED/m2", { price: 199_999.99, sizeSqm: 100 }],
		["is over 150,000 AED/m2", { price: 15_000_000.01, sizeSqm: 100 }],
	])("is none where it %s", async (_, values) => {
		const id = await add(values);
		const [row] = await database.db.select().from(sales).where(eq(sales.id, id));
		expect(row?.evidence).toBeNull();
		expect(await ofArea()).toEqual([]);
	});

	test.each([
		[50_000, 20],
		[200_000, 100],
		[15_000_000, 100],
	])("is there at the very bounds: %d AED for %d m2", async (price, sizeSqm) => {
		await add({ price, sizeSqm });
		expect(await ofArea()).toMatchObject([{ price, sizeSqm }]);
	});

	test("follows what its row becomes", async () => {
		const id = await add({ projectId });
		const update = (values: Partial<Row>) => database.db.update(sales).set(values).where(eq(sales.id, id));
		await update({ price: 1_100_000.5, rooms: null, projectId: null, developmentStatus: "Off-Plan" });
		expect(await ofArea()).toMatchObject([
			{ id, price: 1_100_000.5, rooms: null, projectId: null, ready: false },
		]);
		expect(await latestSalesOfProjects(database.db, [wanted({ id: projectId })], 10)).toEqual([[]]);
		await update({ armsLength: false, nonMarketReason: "part-share" });
		expect(await ofArea()).toEqual([]);
		await update({ armsLength: true, nonMarketReason: null, areaId: otherAreaId });
		expect(await ofArea()).toEqual([]);
		expect(await ofArea({ id: otherAreaId })).toMatchObject([{ id, areaId: otherAreaId }]);
	});
});

describe("the latest sales", () => {
	test("are those from the first day on, and before the other", async () => {
		await add({ registeredAt: "2026-06-30 23:59:59" });
		const first = await add({ registeredAt: "2026-07-01 00:00:00" });
		const last = await add({ registeredAt: "2026-07-09 23:59:59" });
		await add({ registeredAt: "2026-07-10 00:00:00" });
		expect(ids(await ofArea({ from: "2026-07-01", before: "2026-07-10" }))).toEqual([first, last]);
		expect(await ofArea({ from: "2026-07-10", before: "2026-07-10" })).toEqual([]);
	});

	test("are the last ones where there are more, in the order of their registration, then of their ids", async () => {
		const late = await add({ registeredAt: "2026-07-03 10:00:00" });
		const early = await add({ registeredAt: "2026-07-01 10:00:00" });
		const [middle, twin] = [
			await add({ registeredAt: "2026-07-02 10:00:00" }),
			await add({ registeredAt: "2026-07-02 10:00:00" }),
		];
		expect(ids(await ofArea())).toEqual([early, middle, twin, late]);
		expect(ids(await ofArea({}, 2))).toEqual([twin, late]);
		expect(await ofArea({}, 0)).toEqual([]);
	});

	test("are of each one wanted in its place, also of those wanted twice, unknown, or differing in one thing", async () => {
		const flat = await add({ registeredAt: "2026-07-01 10:00:00", projectId });
		const shop = await add({ propertyType: "Shop" });
		const other = await add({ areaId: otherAreaId, registeredAt: "2026-07-05 10:00:00" });
		const lists = await latestSalesOfAreas(
			database.db,
			[
				wanted({ id: otherAreaId }),
				wanted(),
				wanted({ id: 2 ** 31 - 1 }),
				wanted({ propertyType: "Shop" }),
				wanted(),
				wanted({ id: -1 }),
				wanted({ id: otherAreaId, before: "2026-07-05" }),
				wanted({ propertyType: "flat" }),
			],
			10,
		);
		expect(lists.map(ids)).toEqual([[other], [flat], [], [shop], [flat], [], [], []]);
		const ofProjects = [wanted({ id: projectId }), wanted({ id: projectId + 1 }), wanted({ id: projectId })];
		expect((await latestSalesOfProjects(database.db, ofProjects, 10)).map(ids)).toEqual([[flat], [], [flat]]);
		expect(await latestSalesOfAreas(database.db, [], 10)).toEqual([]);
	});

	test("are found whatever their type is called", async () => {
		const types = ['Shop "A"', "Back\\slash", "a,b", "{Flat}", "NULL", "", " ", "it's", '\\"', "$1", "شقة"];
		const added: number[] = [];
		for (const propertyType of types) added.push(await add({ propertyType, projectId }));
		const all = types.map((propertyType) => wanted({ propertyType }));
		expect((await latestSalesOfAreas(database.db, all, 10)).map(ids)).toEqual(added.map((id) => [id]));
		const ofProject = all.map((one) => ({ ...one, id: projectId }));
		expect((await latestSalesOfProjects(database.db, ofProject, 10)).map(ids)).toEqual(
			added.map((id) => [id]),
		);
	});
});
