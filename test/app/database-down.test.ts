import { beforeAll, describe, expect, test } from "bun:test";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";

const FLAT = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };

let gone: TestDatabase;
let api: TestApp;
beforeAll(async () => {
	gone = await createTestDatabase();
	await seedSmallMarket(gone.db);
	api = await createTestApp({ database: gone });
	await api.get("/api/areas/buy");
	await api.value(FLAT);
	await gone.drop();
});
describe("with the database gone", () => {
	test("what is stored is still served to a caller who is known", async () => {
		for (const response of [await api.get("/api/areas/buy"), await api.value(FLAT)]) {
			expect(response.status).toBe(200);
			expect(response.headers.get("Cache-Status")).toContain(";hit");
		}
	});

	test("anything else is a 503 that says so and no more, and is not stored", async () => {
		const response = await api.value({ ...FLAT, size_sqm: 71 });
		expect(response.status).toBe(503);
		expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
		expect(await response.json()).toMatchObject({
			type: "urn:retyn:problem:unavailable",
			detail: "The database does not answer right now. Try again shortly.",
		});
		expect(response.headers.get("Cache-Status")).toContain("detail=status");
	});
});
