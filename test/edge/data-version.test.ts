import { afterAll, beforeAll, expect, test } from "bun:test";
import { dataVersion } from "../../src/edge/data-version.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let market: SmallMarket;
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
});
afterAll(() => database.drop());

const change = () => registerSale(database.sql as never, { areaId: market.areaIds.mirdif });

function remembering() {
	const clock = createTestClock(Date.now());
	return { clock, version: dataVersion({ db: database.db, clock, memory: {} }) };
}

test("the version is another one a second after a change, and the same until then", async () => {
	const { clock, version } = remembering();
	const before = await version();
	await change();
	clock.advance(999);
	expect(await version()).toBe(before);
	clock.advance(1);
	expect(await version()).not.toBe(before);
});

test("a clock that was set back does not keep an old version alive", async () => {
	const { clock, version } = remembering();
	const before = await version();
	await change();
	clock.advance(-3_600_000);
	expect(await version()).not.toBe(before);
});

test("a version is fit to be the mark of a tag", async () => {
	expect(await remembering().version()).toMatch(/^[^/]+:\d+:none$/);
});
