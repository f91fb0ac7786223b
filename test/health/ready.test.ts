import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { type AppDeps, createApp } from "../../src/app.ts";
import { createMemoryStore } from "../../src/cache/index.ts";
import { readConfig } from "../../src/config.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { createDatabaseLink } from "../auth/database-link.ts";
import { counting } from "../auth/support.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quickPasswords } from "../support/passwords.ts";

/** Who asks gives up not much later. */
const ANSWERED_WITHIN_MS = 1_500;

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => database.drop());

function createProbed(deps: Partial<AppDeps> = {}) {
	const clock = createTestClock(Date.parse("2026-08-01T08:00:00+04:00"));
	const config = readConfig({
		NODE_ENV: "test",
		DATABASE_URL: database.url,
		JWT_SECRET: "a-secret-of-the-tests-0123456789-abcdef",
	});
	const app = createApp({
		config,
		clock,
		logger: silentLogger,
		db: database.db,
		store: createMemoryStore({ clock, maxBytes: 1024 * 1024 }),
		passwords: quickPasswords,
		...deps,
	});
	async function probe() {
		const begun = performance.now();
		const response = await app.request("/readyz");
		const text = await response.text();
		expect(performance.now() - begun).toBeLessThan(ANSWERED_WITHIN_MS);
		expect(response.headers.get("Cache-Control")).toBe("no-store");
		expect(text).not.toMatch(/127\.0\.0\.1|localhost|select|ECONN|drizzle|postgres|retyn_/i);
		return {
			status: response.status,
			connection: response.headers.get("Connection"),
			body: JSON.parse(text),
		};
	}
	return { probe, clock };
}

async function createLinked() {
	const link = await createDatabaseLink(database.url);
	const handle = openDatabase({ url: link.url, max: 4, connectTimeoutS: 1 });
	cleanUps.push(
		() => link.close(),
		() => handle.sql.end({ timeout: 0 }),
	);
	return { link, ...createProbed({ db: handle.db }) };
}

/** A database on the same server that nobody has migrated. */
async function createEmptyDatabase(): Promise<DatabaseHandle> {
	const name = `retyn_test_${process.env["TEST_RUN_ID"] ?? "local"}_${randomBytes(4).toString("hex")}`;
	await database.sql`create database ${database.sql(name)}`;
	const url = new URL(database.url);
	url.pathname = `/${name}`;
	const handle = openDatabase({ url: url.href, max: 2 });
	cleanUps.push(async () => {
		await handle.close();
		await database.sql`drop database if exists ${database.sql(name)} with (force)`;
	});
	return handle;
}

describe("the answer to whether it is ready", () => {
	test("is yes to anybody, with what was looked at", async () => {
		const { probe } = createProbed();
		expect(await probe()).toEqual({
			status: 200,
			connection: null,
			body: {
				status: "ready",
				checks: {
					server: { status: "ok" },
					database: { status: "ok", ms: expect.any(Number) },
					migrations: { status: "ok" },
					cache: { status: "ok", store: "memory" },
				},
			},
		});
	});

	test("costs the database one question, however many ask at once or in the next quarter of a second", async () => {
		const { db, statements } = counting(database);
		const { probe, clock } = createProbed({ db });
		await Promise.all(Array.from({ length: 200 }, probe));
		clock.advance(249);
		expect((await probe()).status).toBe(200);
		expect(statements()).toBe(1);
		clock.advance(1);
		await probe();
		expect(statements()).toBe(2);
	});

	test("is asked anew when the clock was set back", async () => {
		const { db, statements } = counting(database);
		const { probe, clock } = createProbed({ db });
		await probe();
		clock.advance(-60_000);
		await probe();
		expect(statements()).toBe(2);
	});
});

describe("the database", () => {
	test("gone: not ready, and ready again when it is back", async () => {
		const { link, probe, clock } = await createLinked();
		expect((await probe()).status).toBe(200);
		await link.cut();
		clock.advance(250);
		expect(await probe()).toMatchObject({
			status: 503,
			body: {
				status: "not-ready",
				checks: {
					database: { status: "failed" },
					migrations: { status: "unknown" },
					cache: { status: "ok" },
				},
			},
		});
		await link.restore();
		clock.advance(5_000);
		expect((await probe()).status).toBe(200);
	});

	test("accepting and never answering: not ready in time, and not asked at the same rate", async () => {
		const { link, probe, clock } = await createLinked();
		await probe();
		link.silence();
		clock.advance(250);
		expect((await probe()).body.checks.database).toEqual({ status: "failed" });
		// From now on nobody waits, as the question of before is still out.
		for (let round = 0; round < 10; round += 1) {
			clock.advance(400);
			const begun = performance.now();
			expect((await probe()).status).toBe(503);
			expect(performance.now() - begun).toBeLessThan(500);
		}
		await link.restore();
		clock.advance(5_000);
		expect((await probe()).status).toBe(200);
	});

	test("without our tables: not ready, though it answers", async () => {
		const { db } = await createEmptyDatabase();
		expect(await createProbed({ db }).probe()).toMatchObject({
			status: 503,
			body: {
				status: "not-ready",
				checks: { database: { status: "ok" }, migrations: { status: "pending" } },
			},
		});
	});

	test("with older tables than the code needs: not ready; with newer ones: ready", async () => {
		const { db } = await createEmptyDatabase();
		await db.execute(sql`create schema drizzle`);
		await db.execute(sql`create table drizzle.__drizzle_migrations (created_at bigint)`);
		const { probe, clock } = createProbed({ db });
		expect((await probe()).body.checks.migrations).toEqual({ status: "pending" });
		await db.execute(sql`insert into drizzle.__drizzle_migrations values (1)`);
		clock.advance(250);
		expect((await probe()).body.checks.migrations).toEqual({ status: "pending" });
		await db.execute(sql`insert into drizzle.__drizzle_migrations values (${Date.parse("2100-01-01")})`);
		clock.advance(250);
		expect((await probe()).status).toBe(200);
	});
});

describe("the cache", () => {
	test.each([
		[{ connected: false, breakerOpen: false }, "not-connected"],
		[{ connected: true, breakerOpen: true }, "no-answer"],
	])("out of reach makes it slower, not less ready: %o", async (state, reason) => {
		const { probe } = createProbed({ health: { storeState: () => state } });
		expect(await probe()).toMatchObject({
			status: 200,
			body: { status: "degraded", checks: { cache: { status: "degraded", store: "memory", reason } } },
		});
	});

	test("that is there is nothing to speak of", async () => {
		const { probe } = createProbed({
			health: { storeState: () => ({ connected: true, breakerOpen: false }) },
		});
		expect((await probe()).body.status).toBe("ready");
	});
});

describe("warming", () => {
	test("is waited for at the start, and never again", async () => {
		let state: "waiting" | "running" | "done" = "waiting";
		const { probe } = createProbed({
			health: { warming: () => ({ state, warmed: 3, failed: 1, total: 9 }) },
		});
		expect((await probe()).status).toBe(503);
		state = "running";
		expect(await probe()).toMatchObject({
			status: 503,
			body: {
				status: "not-ready",
				checks: { warming: { status: "running", warmed: 3, failed: 1, total: 9 } },
			},
		});
		state = "done";
		expect((await probe()).status).toBe(200);
		state = "running";
		expect((await probe()).status).toBe(200);
	});

	test("that does not end is waited for a minute", async () => {
		const { probe, clock } = createProbed({
			health: { warming: () => ({ state: "running", warmed: 0, failed: 0 }) },
		});
		clock.advance(59_999);
		expect((await probe()).status).toBe(503);
		clock.advance(1);
		expect((await probe()).status).toBe(200);
	});
});

describe("a server that was told to stop", () => {
	test("is not ready, and asks its clients to leave", async () => {
		const stopping = new AbortController();
		const { db, statements } = counting(database);
		const { probe } = createProbed({ db, stopping: stopping.signal });
		await probe();
		stopping.abort();
		expect(await probe()).toMatchObject({
			status: 503,
			connection: "close",
			body: { status: "not-ready", checks: { server: { status: "stopping" }, database: { status: "ok" } } },
		});
		// It does not have to ask anybody.
		expect(statements()).toBe(1);
	});
});
