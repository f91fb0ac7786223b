import { afterAll, afterEach, beforeAll } from "bun:test";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis, type TestRedisOptions } from "../cache/support/redis.ts";
import { createTestApp } from "./app.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { type SmallMarket, seedSmallMarket } from "./market.ts";
import { SERVER_COMMAND } from "./server-command.ts";

export const SECRET = "a-secret-of-the-tests-0123456789-abcdef";

/** Another process on a busy machine. */
const START_WITHIN_MS = 30_000;

/** A real server process, whatever becomes of it. */
export interface ServerProcess {
	readonly process: ReturnType<typeof Bun.spawn>;
	/** What it has said until now. */
	readonly output: { text: string };
}

/** One that listens. */
export interface Server extends ServerProcess {
	readonly port: number;
	readonly url: string;
	get(path: string, init?: RequestInit): Promise<Response>;
	post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
	value(body: unknown): Promise<Response>;
	/** What /readyz says, with its status. */
	ready(): Promise<{ code: number; checks: Record<string, Record<string, unknown>> }>;
}

/** Settings beside those of the tests, and instead of them; undefined leaves one out. */
type Settings = Record<string, string | undefined>;

interface ServersOptions {
	redis?: TestRedisOptions;
	/** Servers are gone after each test, or after the last one of the file. @default "test" */
	live?: "test" | "file";
}

/** The small market in a database and a Redis that servers share, for one test file. Servers run as in production. */
export function useServers({
	redis: redisOptions = { password: "long enough for it" },
	live = "test",
}: ServersOptions = {}) {
	let ground: { database: TestDatabase; redis: TestRedis; market: SmallMarket; token: string } | undefined;
	const running: ReturnType<typeof Bun.spawn>[] = [];
	const opened = () => {
		if (!ground) throw new Error("The database is there only while tests run.");
		return ground;
	};
	beforeAll(async () => {
		const [database, redis] = await Promise.all([createTestDatabase(), createTestRedis(redisOptions)]);
		const market = await seedSmallMarket(database.db);
		const token = await (await createTestApp({ database, clock: createTestClock(Date.now()) })).signUp();
		ground = { database, redis, market, token };
	});
	async function killAll(): Promise<void> {
		for (const child of running) child.kill("SIGKILL");
		await Promise.all(running.splice(0).map((child) => child.exited));
	}
	afterEach(async () => {
		ground?.redis.thaw();
		if (live === "test") await killAll();
	});
	afterAll(async () => {
		await killAll();
		await Promise.all([ground?.database.drop(), ground?.redis.stop()]);
	});

	/** Does not wait for it to listen: some never do. */
	function spawn(env: Settings = {}): ServerProcess {
		const { database, redis } = opened();
		const child = Bun.spawn(SERVER_COMMAND, {
			env: {
				PATH: Bun.env["PATH"],
				NODE_ENV: "production",
				DATABASE_URL: database.url,
				JWT_SECRET: SECRET,
				HOST: "127.0.0.1",
				REDIS_ENABLED: "true",
				REDIS_PORT: String(redis.port),
				...(redis.password !== undefined && { REDIS_PASSWORD: redis.password }),
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
		return { process: child, output };
	}

	async function start(env: Settings = {}): Promise<Server> {
		const { token } = opened();
		const port = await freePort();
		const started = spawn({ PORT: String(port), ...env });
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
		const listens = eventually(async () => (await fetch(`${url}/livez`)).ok, START_WITHIN_MS);
		await listens.catch((cause) => {
			throw new Error(`The server does not listen. It said: ${started.output.text}`, { cause });
		});
		return {
			...started,
			port,
			url,
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
		/** That of a user who may ask. */
		get token() {
			return opened().token;
		},
		spawn,
		start,
	};
}

async function collect(stream: ReadableStream<Uint8Array>, into: { text: string }): Promise<void> {
	const decoder = new TextDecoder();
	for await (const chunk of stream) into.text += decoder.decode(chunk, { stream: true });
}
