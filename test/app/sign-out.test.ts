import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { changeUser, insertUser } from "../../db/queries/identity.ts";
import { issueToken } from "../../src/auth/index.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { createTestClock, type TestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { MARKET_DAY, seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
	[database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
	await seedSmallMarket(database.db);
});
afterAll(() => Promise.all([database.drop(), redis.stop()]));

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
	await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()));
});

/** An instance with everything that production has, in a time that does not go on by itself. */
async function startInstance(clock: TestClock): Promise<TestApp> {
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: redis.port },
		memoryBytes: 1024 * 1024,
		clock,
		deadlineMs: 50,
	});
	cleanUps.push(() => backend.close());
	const { store, bus } = backend;
	const instance = await createTestApp({ database, clock, store, bus });
	await eventually(() => bus.connected);
	return instance;
}

const atMorning = () => createTestClock(Date.parse(`${MARKET_DAY}T08:00:00+04:00`));

describe("an answer that is stored and asked for all the time", () => {
	const hot = (api: TestApp, token: string) => api.get("/api/areas/buy", token);

	async function expectHit(api: TestApp, token: string): Promise<void> {
		await eventually(async () => (await hot(api, token)).headers.get("Cache-Status")?.includes(";hit"));
	}

	test("49: is a 401 to a token that expired, from the very second on", async () => {
		const clock = atMorning();
		const api = await startInstance(clock);
		const token = await api.signUp();
		await expectHit(api, token);
		clock.advance(24 * 3600_000);
		const refused = await hot(api, token);
		expect(refused.status).toBe(401);
		expect(refused.headers.get("Cache-Status")).toBeNull();
	});

	test("49: is a 401 at once, in every instance, to a token that was logged out", async () => {
		const clock = atMorning();
		const [here, elsewhere] = [await startInstance(clock), await startInstance(clock)];
		const token = await here.signUp();
		await expectHit(here, token);
		await expectHit(elsewhere, token);
		expect((await here.get("/api/auth/logout", token, { method: "POST" })).status).toBe(204);
		expect((await hot(here, token)).status).toBe(401);
		await eventually(async () => (await hot(elsewhere, token)).status === 401, 1_000);
		expect((await hot(elsewhere, elsewhere.token)).status).toBe(200);
	});

	test("49: is a 401 within 30 s where nobody was told", async () => {
		const clock = atMorning();
		const api = await startInstance(clock);
		const email = `${crypto.randomUUID()}@example.com`;
		const user = await insertUser(database.db, { email, passwordHash: "unused", role: "user" });
		if (!user) throw new Error("the user was not made");
		const token = await issueToken({ db: database.db, clock, config: api.config.auth }, user);
		await expectHit(api, token);
		await changeUser(database.db, { email, at: new Date(clock()) });
		clock.advance(29_999);
		expect((await hot(api, token)).status).toBe(200);
		clock.advance(1);
		expect((await hot(api, token)).status).toBe(401);
	});
});
