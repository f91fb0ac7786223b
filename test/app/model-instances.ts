import { afterAll, afterEach, beforeAll, expect } from "bun:test";
import { valuationModels } from "../../db/schema/index.ts";
import { followModel } from "../../src/follow/model.ts";
import { recordingLogger } from "../auth/support.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";

export const FLAT = {
	property_type: "Flat",
	area: "Business Bay",
	project: "Test Tower",
	size_sqm: 71,
	bedrooms: 1,
};

export const MANY_MISSES = { VALUATION_MISSES_PER_MINUTE: "100000" };

export interface Valued {
	valuation: { estimated_value: number; model_version: string | null };
}

/** A database with the small market, without models before each test, and instances that hear of them. */
export function useInstances() {
	let database: TestDatabase | undefined;
	const cleanUps: (() => Promise<unknown>)[] = [];
	const opened = () => {
		if (!database) throw new Error("The database is there only while tests run.");
		return database;
	};
	beforeAll(async () => {
		database = await createTestDatabase();
		await seedSmallMarket(database.db);
	});
	afterEach(async () => {
		for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
		await opened().db.delete(valuationModels);
	});
	afterAll(() => database?.drop());

	return {
		get database() {
			return opened();
		},
		/** Done after the test, the last one first. */
		defer: (cleanUp: () => Promise<unknown>) => void cleanUps.push(cleanUp),
		/** An instance that follows the model in use, and what it logs. */
		async start(options: Partial<Parameters<typeof createTestApp>[0]> = {}) {
			const logger = recordingLogger();
			const api = await createTestApp({ database: opened(), env: MANY_MISSES, logger, ...options });
			const { cache, models } = api.app;
			const follower = followModel({
				database: opened(),
				cache,
				models,
				store: api.store,
				logger,
				retryMs: 5,
			});
			cleanUps.push(() => follower.stop());
			await follower.following;
			return { api, logger };
		},
	};
}

export async function valued(api: TestApp, body: object = FLAT) {
	const response = await api.value(body);
	expect(response.status).toBe(200);
	const { valuation } = (await response.json()) as Valued;
	const isHit = response.headers.get("Cache-Status")?.includes(";hit") ?? false;
	return { isHit, version: valuation.model_version, value: valuation.estimated_value };
}

export const inUse = (api: TestApp) => api.app.models.known?.current?.version;
