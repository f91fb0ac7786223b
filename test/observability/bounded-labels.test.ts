import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openDatabase } from "../../db/client.ts";
import { type App, createApp } from "../../src/app.ts";
import { createMemoryStore } from "../../src/cache/index.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { type Counting, createCounting } from "../../src/observability/counting.ts";
import { policies } from "../../src/policies.ts";
import { SEGMENTS } from "../../src/valuation/segment.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { quickPasswords } from "../support/passwords.ts";
import { parseMetrics } from "./parse-metrics.ts";

let database: TestDatabase;
let observed: ReturnType<typeof openDatabase>;
let app: App;
let token: string;
let counting: Counting;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
	const limits = { VALUATION_MISSES_PER_MINUTE: "100000", VALUATION_BATCHES_PER_MINUTE: "10000" };
	const { config, clock, token: issued } = await createTestApp({ database, env: limits });
	token = issued;
	counting = createCounting({
		clock,
		policies: Object.values(policies).map(({ name }) => name),
		tiers: ["memory"],
		stores: [],
		segments: SEGMENTS,
		poolSize: 4,
	});
	observed = openDatabase({ url: database.url, max: 4, observe: counting.queries });
	app = createApp({
		config,
		clock,
		logger: silentLogger,
		db: observed.db,
		store: createMemoryStore({ clock, maxBytes: 8 * 1024 * 1024 }),
		cacheListener: counting.cache.listener,
		onRequest: counting.requests.observe,
		onValued: counting.valuations.onValued,
		passwords: quickPasswords,
	});
});
afterAll(async () => {
	await app.cache.settled();
	await observed.close();
	await database.drop();
});

async function seriesNames(): Promise<string[]> {
	const { series } = parseMetrics(await (await counting.metrics({})).text());
	return [...series.keys()].sort();
}

const METHODS = [
	"GET",
	"HEAD",
	"POST",
	"PUT",
	"PATCH",
	"DELETE",
	"OPTIONS",
	"PURGE",
	"PROPFIND",
	"MKCOL",
	"REPORT",
];

/** What somebody who means harm would ask, a different thing each time. */
async function ask(index: number): Promise<void> {
	const word = `${index}-"\\\n{}%00‮`;
	const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
	const method = METHODS[index % METHODS.length] as string;
	const path = encodeURIComponent(word);
	const post = (body: unknown) => ({ method: "POST", headers, body: JSON.stringify(body) });
	switch (index % 10) {
		case 0:
			return void (await app.request(`/${path}/${path}`, { method }));
		case 1:
			return void (await app.request(`/api/${path}`, { method, headers }));
		case 2:
			return void (await app.request(`/api/areas/${path}`, { headers }));
		case 3:
			return void (await app.request(`/api/areas/buy?${path}=${path}`, { headers }));
		case 4:
			return void (await app.request("/api/areas/rent", { headers: { Authorization: `Bearer ${index}` } }));
		case 5:
			return void (await app.request(`/livez?${path}`, { method }));
		case 6:
			return void (await app.request("/api/property/valuation", post({ area: word, [word]: word })));
		case 7: {
			// Valuing takes as long as a hundred of the others.
			if (index % 100 !== 7) return void (await app.request(`/api/property-types/${path}`, { headers }));
			const home = { ...HOME, size_sqm: (5_000 + index) / 100 };
			return void (await app.request("/api/property/valuation", post(home)));
		}
		case 8:
			return void (await app.request("/api/property/valuation", post({ ...HOME, property_type: word })));
		default:
			return void (await app.request("/api/property/valuations", post({ subjects: [{ area: word }] })));
	}
}

const HOME = { area: "Business Bay", property_type: "Flat", size_sqm: 70 };

async function askAll(from: number, to: number): Promise<void> {
	for (let index = from; index < to; index += 1) await ask(index);
}

describe("the number of series does not grow", () => {
	test("with 20,000 different URLs, methods, tokens, areas and bodies", async () => {
		// Each kind of request with each of the methods, so that all of ours are there.
		await askAll(0, 2_000);
		const before = await seriesNames();
		await askAll(2_000, 22_000);
		const after = await seriesNames();
		expect(after).toEqual(before);
		expect(after.join("\n")).not.toMatch(/\d-\\"|‮|%22|Business/);
		const { series } = counting.requests.report();
		expect(series.reduce((sum, { count }) => sum + count, 0)).toBe(22_000);
		expect(series.length).toBeLessThan(60);
		// They were valued and refused, not all turned away.
		expect(series.map(({ route, status }) => `${route} ${status}`)).toContain("/api/property/valuation 200");
	}, 120_000);

	test("with a million routes and methods, if what names them were not to be trusted", async () => {
		const { observe } = counting.requests;
		const report = (from: number, to: number) => {
			for (let index = from; index < to; index += 1) {
				observe(`/${index}`, index % 2 === 0 ? "GET" : `M${index}`, 200 + (index % 400), 1);
			}
		};
		report(0, 10_000);
		const before = await seriesNames();
		report(10_000, 1_010_000);
		expect(await seriesNames()).toEqual(before);
		expect(before.filter((name) => name.startsWith("retyn_http_requests_total")).length).toBeLessThanOrEqual(
			304,
		);
	}, 60_000);
});
