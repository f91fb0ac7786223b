import { afterAll, afterEach, beforeAll } from "bun:test";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { createTestApp } from "./app.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { type SmallMarket, seedSmallMarket } from "./market.ts";

export const SECRET = "a-secret-of-the-tests-0123456789-abcdef";

/** A real server process. */
export interface Server {
	readonly url: string;
	readonly process: ReturnType<typeof Bun.spawn>;
	readonly output: { text: string };
	get(path: string, init?: RequestInit): Promise<Response>;
	post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
	value(body: unknown): Promise<Response>;
	/** What /readyz says, with its status. */
	ready(): Promise<{ code: number; checks: Record<string, Record<string, unknown>> }>;
}

/**
 * The small market in a database and a Redis that servers share, for one test file. Servers run as in production, and are
 * gone after each test.
 */
export function useServers() {
	let ground: { database: TestDatabase; redis: TestRedis; market: SmallMarket; token: string } | undefined;
	const running: ReturnType<typeof Bun.spawn>[] = [];
	const opened = () => {
		if (!ground) throw new Error("The database is there only while tests run.");
		return ground;
	};
	beforeAll(async () => {
		const [database, redis] = await Promise.all([
			createTestDatabase(),
			createTestRedis({ password: "long enough for it" }),
		]);
		const market = await seedSmallMarket(database.db);
		const token = await (await createTestApp({ database, clock: createTestClock(Date.now()) })).signUp();
		ground = { database, redis, market, token };
	});
	afterEach(async () => {
		for (const child of running) child.kill("SIGKILL");
		await Promise.all(running.splice(0).map((child) => child.exited));
	});
	afterAll(async () => {
		await Promise.all([ground?.database.drop(), ground?.redis.stop()]);
	});

	async function start(env: Record<string, string> = {}): Promise<Server> {
		const { database, redis, token } = opened();
		const port = await freePort();
		const child = Bun.spawn([process.execPath, "--no-env-file", "src/server.ts"], {
			env: {
				PATH: Bun.env["PATH"],
				NODE_ENV: "production",
				DATABASE_URL: database.url,
				JWT_SECRET: SECRET,
				HOST: "127.0.0.1",
				PORT: String(port),
				REDIS_ENABLED: "true",
				REDIS_PORT: String(redis.port),
				REDIS_PASSWORD: redis.password,
				// Generous: tests that are not about slowness must not fail for it.
				CACHE_STORE_DEADLINE_MS: "1000",
				VALUATION_MISSES_PER_MINUTE: "100000",
				...env,
			},
			stdout: "pipe",
			stderr: "pipe",
		});
		running.push(child);
		const output = { text: "" };
		void collect(child.stdout, output);
		void collect(child.stderr, output);
		const url = `http://127.0.0.1:${port}`;
		const get = (path: string, init: RequestInit = {}) => {
			const headers = new Headers(init.headers);
			if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${token}`);
			return fetch(url + path, { ...init, headers });
		};
		const post = (path: string, body: unknown, init: RequestInit = {}) => {
			const headers = new Headers(init.headers);
			headers.set("Content-Type", "application/json");
			return get(path, { ...init, method: "POST", headers, body: JSON.stringify(body) });
		};
		await eventually(async () => (await fetch(`${url}/livez`)).ok, 20_000);
		return {
			url,
			process: child,
			output,
			get,
			post,
			value: (body) => post("/api/property/valuation", body),
			async ready() {
				const response = await fetch(`${url}/readyz`);
				const { checks } = (await response.json()) as Pick<Awaited<ReturnType<Server["ready"]>>, "checks">;
				return { code: response.status, checks };
			},
		};
	}

	return {
		get database() {
			return opened().database;
		},
		get redis() {
			return opened().redis;
		},
		get market() {
			return opened().market;
		},
		start,
	};
}

async function collect(stream: ReadableStream<Uint8Array>, into: { text: string }): Promise<void> {
	const decoder = new TextDecoder();
	for await (const chunk of stream) into.text += decoder.decode(chunk, { stream: true });
}
