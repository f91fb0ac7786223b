import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Miniflare } from "miniflare";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { bundleWorker } from "./bundle.ts";

let database: TestDatabase;
let edge: Miniflare;
let token: string;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
	// workerd has a clock of its own, so the token must be good in its time.
	const { signUp, config } = await createTestApp({ database, clock: createTestClock(Date.now()) });
	token = await signUp();
	edge = new Miniflare({
		modules: true,
		script: await bundleWorker(),
		compatibilityDate: "2026-07-01",
		compatibilityFlags: ["nodejs_compat"],
		bindings: { DATABASE_URL: database.url, JWT_SECRET: config.auth.jwtSecret, LOG_LEVEL: "silent" },
	});
	await edge.ready;
}, 30_000);
afterAll(async () => {
	await edge?.dispose();
	await database.drop();
});

function ask(path: string, init: { method?: string; body?: string; token?: string } = {}) {
	const headers: Record<string, string> = { "Content-Type": "application/json" };
	if (init.token) headers["Authorization"] = `Bearer ${init.token}`;
	return edge.dispatchFetch(`http://edge.test${path}`, { ...init, headers });
}

describe("the application in workerd", () => {
	test("is alive", async () => {
		expect(await (await ask("/livez")).json()).toEqual({ status: "alive" });
	});

	test("asks for a token", async () => {
		expect((await ask("/api/areas/buy")).status).toBe(401);
	});

	test("answers from the database, request after request, and says that it keeps nothing", async () => {
		for (let round = 0; round < 3; round += 1) {
			const response = await ask("/api/areas/rent", { token });
			expect(await response.json()).toEqual(["Al Barsha South Fourth", "Business Bay"]);
			expect(response.headers.get("Cache-Status")).toBe("RetynAVM;fwd=bypass;detail=cache-off");
		}
	});

	test("values a flat", async () => {
		const body = JSON.stringify({
			property_type: "Flat",
			area: "Business Bay",
			size_sqm: 70,
			as_of: "2026-08-01",
		});
		const response = await ask("/api/property/valuation", { method: "POST", body, token });
		expect(await response.json()).toMatchObject({ success: true, valuation: { search_scope: "area" } });
	});

	test("sends those who want to sign in to the origin", async () => {
		const body = JSON.stringify({ email: "someone@example.com", password: "long enough to be one" });
		const response = await ask("/api/auth/token", { method: "POST", body });
		expect(response.status).toBe(501);
	});
});
