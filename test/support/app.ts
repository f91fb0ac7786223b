import type { Database } from "../../db/client.ts";
import { insertUser, type UserRow } from "../../db/queries/identity.ts";
import { type App, type AppDeps, createApp } from "../../src/app.ts";
import { issueToken } from "../../src/auth/index.ts";
import { type CacheStore, createMemoryStore } from "../../src/cache/index.ts";
import { type Config, readConfig } from "../../src/config.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { createTestClock, type TestClock } from "../cache/support/clock.ts";
import type { TestDatabase } from "./database.ts";
import { MARKET_DAY } from "./market.ts";
import { quickPasswords } from "./passwords.ts";

export interface TestApp {
	readonly app: App;
	/** That of its cache. */
	readonly store: CacheStore;
	readonly clock: TestClock;
	readonly config: Config;
	/** The first user's. */
	readonly token: string;
	/** A new user and a bearer token for it. */
	signUp(role?: UserRow["role"]): Promise<string>;
	/** Asks as the first user, or with the token given, or as nobody for null; waits until the cache has settled. */
	get(path: string, token?: string | null, init?: RequestInit): Promise<Response>;
	post(path: string, body: unknown, options?: { token?: string | null; type?: string }): Promise<Response>;
	value(body: unknown, token?: string): Promise<Response>;
}

export interface TestAppOptions {
	database: TestDatabase;
	/** The application's own way to the database, where a test wants to cut it. */
	db?: Database;
	store?: CacheStore;
	bus?: AppDeps["bus"];
	cacheListener?: AppDeps["cacheListener"];
	random?: () => number;
	env?: Record<string, string>;
	logger?: Logger;
	/** Share one when two applications must live in the same time. */
	clock?: TestClock;
}

/** The whole application over a real database, as it is in production but for its clock and its chance. */
export async function createTestApp({ database, env, ...options }: TestAppOptions): Promise<TestApp> {
	const clock = options.clock ?? createTestClock(Date.parse(`${MARKET_DAY}T08:00:00+04:00`));
	const logger = options.logger ?? silentLogger;
	const store = options.store ?? createMemoryStore({ clock, maxBytes: 8 * 1024 * 1024 });
	const config = readConfig({
		NODE_ENV: "test",
		DATABASE_URL: database.url,
		JWT_SECRET: "a-secret-of-the-tests-0123456789-abcdef",
		...env,
	});
	const app = createApp({
		config,
		clock,
		logger,
		db: options.db ?? database.db,
		bus: options.bus,
		...(options.cacheListener && { cacheListener: options.cacheListener }),
		random: options.random ?? (() => 0),
		store,
		passwords: quickPasswords,
		clientAddress: () => "192.0.2.7",
	});

	async function signUp(role: UserRow["role"] = "user"): Promise<string> {
		const email = `${crypto.randomUUID()}@example.com`;
		const user = await insertUser(database.db, { email, passwordHash: "unused", role });
		if (!user) throw new Error("the user was not made");
		return issueToken({ db: database.db, clock, config: config.auth }, user, 24 * 3600);
	}
	const firstToken = await signUp();

	async function ask(
		path: string,
		token: string | null = firstToken,
		init: RequestInit = {},
	): Promise<Response> {
		const headers = new Headers(init.headers);
		if (token !== null) headers.set("Authorization", `Bearer ${token}`);
		const response = await app.request(path, { ...init, headers });
		await Promise.all([app.cache.settled(), app.auth.settled()]);
		return response;
	}

	const post: TestApp["post"] = (path, body, { token, type = "application/json" } = {}) =>
		ask(path, token, {
			method: "POST",
			headers: type ? { "Content-Type": type } : {},
			body: typeof body === "string" ? body : JSON.stringify(body),
		});
	return {
		app,
		store,
		clock,
		config,
		token: firstToken,
		signUp,
		get: ask,
		post,
		value: (body, token) => post("/api/property/valuation", body, token ? { token } : {}),
	};
}
