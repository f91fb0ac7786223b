import { afterAll, beforeAll, expect, test } from "bun:test";
import { type DirectoryMemory, readDirectory } from "../../src/areas/read-directory.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let market: SmallMarket;
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
});
afterAll(() => database.drop());

test("names that were read before are taken for as long as the data are of their version", async () => {
	const memory: DirectoryMemory = {};
	const first = await readDirectory(database.db, memory);
	expect(await readDirectory(database.db, memory)).toBe(first);
	await registerSale(database.sql as never, { areaId: market.areaIds.mirdif, propertyType: "Castle" });
	const second = await readDirectory(database.db, memory);
	expect([first.propertyType("castle"), second.propertyType("castle")]).toEqual([undefined, "Castle"]);
	expect(await readDirectory(database.db, memory)).toBe(second);
});

test("names of another database are not taken for those of this one, though both are of one version", async () => {
	const memory: DirectoryMemory = {};
	const first = await readDirectory(database.db, memory);
	await database.sql`update market_state set epoch = gen_random_uuid()`;
	expect(await readDirectory(database.db, memory)).not.toBe(first);
});

test("without a memory names are read each time", async () => {
	const first = await readDirectory(database.db);
	expect(await readDirectory(database.db)).not.toBe(first);
});
