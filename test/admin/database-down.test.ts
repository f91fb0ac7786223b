import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { createDatabaseLink, type DatabaseLink } from "../auth/database-link.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { type AdminApp, bodyOf, createAdminApp } from "./support.ts";

let database: TestDatabase;
let link: DatabaseLink;
let linked: DatabaseHandle;
let app: AdminApp;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
});
beforeEach(async () => {
	link = await createDatabaseLink(database.url);
	linked = openDatabase({ url: link.url, max: 2, connectTimeoutS: 1 });
	app = await createAdminApp({ database, db: linked.db });
	await app.get("/api/areas/buy");
	// Known for the next 30 s, so that the refusal is that of the change.
	expect((await app.ask("audit")).status).toBe(200);
});
afterEach(async () => {
	await link.close();
	await linked.sql.end({ timeout: 0 });
});
afterAll(() => database.drop());

async function isPurged(): Promise<boolean> {
	return !(await app.get("/api/areas/buy")).headers.get("Cache-Status")?.includes(";hit");
}

test("with the database gone nothing is purged, as it could not be written down", async () => {
	await link.cut();
	const response = await app.tell("cache/purge", { everything: true });
	expect(response.status).toBe(503);
	expect(response.headers.get("Retry-After")).toBe("5");
	expect((await bodyOf(response)).detail).toStartWith("Nothing was changed, as it could not be written down");
	expect(await isPurged()).toBe(false);
	expect((await app.ask("audit")).status).toBe(503);
});

test("with a database that is silent neither, and whoever asked is told in time", async () => {
	link.silence();
	const begun = performance.now();
	expect((await app.tell("cache/purge", { everything: true })).status).toBe(503);
	expect(performance.now() - begun).toBeLessThan(5_000);
	expect(await isPurged()).toBe(false);
}, 10_000);

test("what is stored, what happened and what the cache would do is told without it", async () => {
	await link.cut();
	expect((await bodyOf(app.ask("cache/entries"))).entries).toHaveLength(1);
	expect((await app.ask("cache/stats")).status).toBe(200);
	expect(await bodyOf(app.ask("cache/explain?path=/api/areas/buy"))).toMatchObject({ state: "fresh" });
});
