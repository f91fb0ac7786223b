import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { putModelToUse } from "../../db/queries/models.ts";
import { valuationModels } from "../../db/schema/index.ts";
import { followModel } from "../../src/follow/model.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { counting } from "../auth/support.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { putToUse, risingModel } from "./made-market.ts";

const PATH = "/api/property/valuation/accuracy";
const report = (mdape: number) => ({
	protocol: { test_from: "2026-07-01" },
	segments: [{ segment: "all", mdape }],
});

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
});
afterAll(() => database.drop());
afterEach(async () => {
	await database.db.delete(valuationModels);
});

test("before any model there is no accuracy, and that is not remembered", async () => {
	const api = await createTestApp({ database });
	for (let round = 0; round < 2; round += 1) {
		const response = await api.get(PATH);
		expect(response.status).toBe(404);
		expect(response.headers.get("Cache-Status")).not.toContain("stored");
		expect(await response.json()).toMatchObject({
			type: "urn:retyn:problem:not-found",
			detail: expect.stringContaining("No model was trained yet"),
		});
	}
	await putToUse(database.db, risingModel("calm", 0), report(0.05));
	await api.app.models.refresh();
	expect(await (await api.get(PATH)).json()).toEqual({
		success: true,
		model_version: "calm",
		accuracy: report(0.05),
	});
});

test("of a model that was not studied there is none either", async () => {
	await putToUse(database.db, risingModel("calm", 0));
	const response = await (await createTestApp({ database })).get(PATH);
	expect(response.status).toBe(404);
});

test("needs a signed-in caller", async () => {
	expect((await (await createTestApp({ database })).get(PATH, null)).status).toBe(401);
});

test("it is stored for half an hour, and asks the database for nothing meanwhile", async () => {
	await putToUse(database.db, risingModel("calm", 0), report(0.05));
	const counted = counting(database);
	const api = await createTestApp({ database, db: counted.db });
	const first = await api.get(PATH);
	expect(first.headers.get("Cache-Status")).toContain("fwd=uri-miss;stored");
	const before = counted.statements();
	const second = await api.get(PATH);
	expect(second.headers.get("Cache-Status")).toBe("RetynAVM;hit;ttl=1800");
	expect(await second.json()).toEqual(await first.json());
	expect(counted.statements()).toBe(before);
});

test("it is that of the model in use as soon as another one is", async () => {
	await putToUse(database.db, risingModel("calm", 0), report(0.05));
	const api = await createTestApp({ database });
	const { cache, models } = api.app;
	const follower = followModel({ database, cache, models, store: api.store, logger: silentLogger });
	await follower.following;
	try {
		const ask = async () => (await api.get(PATH)).json();
		expect(await ask()).toMatchObject({ model_version: "calm" });
		await putToUse(database.db, risingModel("brisk", 0.1), report(0.04));
		await eventually(async () => {
			expect(await ask()).toMatchObject({ model_version: "brisk", accuracy: report(0.04) });
		}, 1_000);
		await putModelToUse(database.db, "calm", METHOD);
		await eventually(async () => {
			expect(await ask()).toMatchObject({ model_version: "calm", accuracy: report(0.05) });
		}, 1_000);
	} finally {
		await follower.stop();
	}
});

test("it is that of the model in use from the start, where another was put to use while no server ran", async () => {
	await putToUse(database.db, risingModel("calm", 0), report(0.05));
	const before = await createTestApp({ database });
	const follow = async ({ app, store }: typeof before) => {
		const follower = followModel({ ...app, database, store, logger: silentLogger });
		await follower.following;
		return follower;
	};
	await (await follow(before)).stop();
	for (const status of ["stored", ";hit"])
		expect((await before.get(PATH)).headers.get("Cache-Status")).toContain(status);
	await putToUse(database.db, risingModel("brisk", 0.1), report(0.04));

	const { store, clock } = before;
	const after = await createTestApp({ database, store, clock });
	const follower = await follow(after);
	await follower.stop();
	expect(await (await after.get(PATH)).json()).toMatchObject({ model_version: "brisk" });
});
