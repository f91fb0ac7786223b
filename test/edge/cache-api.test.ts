import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare } from "miniflare";
import { marketVersion } from "../../db/queries/market-changes.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";
import { bundleWorker } from "./bundle.ts";

let database: TestDatabase;
let market: SmallMarket;
let edge: Miniflare;
let token: string;
let admin: string;
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
	const { signUp, config } = await createTestApp({ database, clock: createTestClock(Date.now()) });
	token = await signUp();
	admin = await signUp("admin");
	edge = new Miniflare({
		modules: true,
		script: await bundleWorker(),
		compatibilityDate: "2026-07-01",
		compatibilityFlags: ["nodejs_compat"],
		bindings: {
			DATABASE_URL: database.url,
			JWT_SECRET: config.auth.jwtSecret,
			LOG_LEVEL: "silent",
			EDGE_STORE: "cache-api",
		},
	});
	await edge.ready;
}, 60_000);
afterAll(async () => {
	await edge?.dispose();
	await database?.drop();
});

const SOON_MS = 20_000;
const HIT = /^RetynAVM;hit;ttl=\d/;

async function ask(path: string, init: { method?: string; body?: string } = {}, as = token) {
	const headers = { Authorization: `Bearer ${as}`, "Content-Type": "application/json" };
	const response = await edge.dispatchFetch(`http://edge.test${path}`, { ...init, headers });
	const text = await response.text();
	return { status: response.status, text, cache: response.headers.get("Cache-Status") ?? "" };
}

const value = () =>
	ask("/api/property/valuation", {
		method: "POST",
		body: JSON.stringify({
			property_type: "Flat",
			area: "Business Bay",
			size_sqm: 70,
			as_of: "2026-08-01",
		}),
	});

describe("the application in workerd with what the platform keeps", () => {
	test("gives a list again without working it out", async () => {
		await eventually(async () => HIT.test((await ask("/api/areas/rent")).cache), SOON_MS);
	});

	test("gives a valuation again without working it out", async () => {
		const first = await value();
		await eventually(async () => HIT.test((await value()).cache), SOON_MS);
		expect((await value()).text).toBe(first.text);
	});

	test("gives no value of before a change of the data, a second after it, and keeps the new one", async () => {
		await eventually(async () => HIT.test((await value()).cache), SOON_MS);
		await database.sql.begin(async (sql) => {
			for (let one = 0; one < 30; one += 1) {
				await registerSale(sql as never, { areaId: market.areaIds.businessBay, perSqm: 31_000 });
			}
		});
		const committed = performance.now();
		const changed = await marketVersion(database.db);
		const versionOf = ({ text }: { text: string }) =>
			Number(JSON.parse(text).valuation.data_version.slice("market-".length));
		let late = 0;
		// Asked all the time, so that whatever is served a moment too long would be seen.
		while (versionOf(await value()) < changed) late = performance.now() - committed;
		expect(late).toBeLessThan(5_000);
		await eventually(async () => {
			const kept = await value();
			return HIT.test(kept.cache) && versionOf(kept) >= changed;
		}, SOON_MS);
	});

	test("refuses to purge what no purge would reach", async () => {
		const body = JSON.stringify({ everything: true });
		const refused = await ask("/api/admin/cache/purge", { method: "POST", body }, admin);
		expect(refused.status).toBe(501);
		expect(JSON.parse(refused.text).detail).toContain("no purge reaches them all");
	});

	test("asks those to sign in who show nothing, whatever is stored", async () => {
		await eventually(async () => HIT.test((await ask("/api/areas/rent")).cache), SOON_MS);
		expect(await ask("/api/areas/rent", {}, "nonsense")).toMatchObject({ status: 401, cache: "" });
	});
});
