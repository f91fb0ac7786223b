import { authConfig, newSecret, signUp } from "../../bench/market/accounts.ts";
import { type BenchRedis, startRedis } from "../../bench/measure/redis.ts";
import { startProcess } from "../../bench/measure/server.ts";
import { openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { insertUser } from "../../db/queries/identity.ts";
import { saveModel } from "../../db/queries/models.ts";
import { fillSample } from "../../db/sample.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { freePort } from "../../src/cli/dev/ports.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { rowOf } from "../../src/valuation/training/renew.ts";
import { trainModel } from "../../src/valuation/training/train.ts";
import { startThrowAwayPostgres } from "../throw-away-postgres.ts";

/** Two instances of the service as they are in production, over one PostgreSQL and one Redis. */
export interface System {
	readonly databaseUrl: string;
	readonly redis: BenchRedis;
	/** Where callers find the instances. */
	readonly origins: readonly string[];
	/** Where Prometheus finds their figures, `host:port`. */
	readonly metrics: readonly string[];
	/** Somebody who may ask. */
	readonly token: string;
	readonly credentials: { email: string; password: string };
	/** Changes a few sales, as an import does. */
	changeData(): Promise<unknown>;
}

const INSTANCES = 2;
const READY_WITHIN_MS = 30_000;

/** Starts it with the made-up market; it ends with the scope. */
export async function startSystem(scope: Scope, folder: string): Promise<System> {
	const cluster = await scope.race(startThrowAwayPostgres(scope, folder, {}));
	const url = cluster.url("postgres");
	await scope.race(migrateDatabase(url));
	const database = openDatabase({ url, max: 2, statementTimeoutMs: 0 });
	scope.defer(() => database.close());
	const jwtSecret = newSecret();
	await scope.race(fillSample(database));
	await saveModel(database.db, { ...rowOf(untrainedModel()), accuracy: { segments: [] } });
	const token = await signUp(database.db, authConfig(jwtSecret, url));
	const credentials = { email: "monitoring@example.com", password: crypto.randomUUID() };
	await insertUser(database.db, {
		email: credentials.email,
		passwordHash: await bunPasswords.hash(credentials.password),
		role: "user",
	});

	const redis = await scope.race(startRedis(scope));
	await redis.client.config("SET", "maxmemory", "64mb", "maxmemory-policy", "allkeys-lru");
	const env = { DATABASE_URL: url, JWT_SECRET: jwtSecret, REDIS_PORT: String(redis.port) };
	const servers: { origin: string; metrics: string }[] = [];
	while (servers.length < INSTANCES) servers.push(await startInstance(scope, servers.length + 1, env));
	return {
		databaseUrl: url,
		redis,
		origins: servers.map(({ origin }) => origin),
		metrics: servers.map(({ metrics }) => metrics),
		token,
		credentials,
		changeData: () => database.sql`
			update sales set price = price + 1000 where id in (select id from sales where arms_length limit 5)`,
	};
}

async function startInstance(scope: Scope, number: number, env: Record<string, string>) {
	const [port, metricsPort] = [await freePort(), await freePort()];
	await startProcess(scope, `instance ${number}`, process.execPath, ["--no-env-file", "src/server.ts"], {
		port,
		env: {
			PATH: process.env["PATH"],
			NODE_ENV: "production",
			HOST: "127.0.0.1",
			PORT: String(port),
			METRICS_HOST: "127.0.0.1",
			METRICS_PORT: String(metricsPort),
			REDIS_ENABLED: "true",
			REDIS_HOST: "127.0.0.1",
			CACHE_LOG: "errors",
			LOG_LEVEL: "error",
			LOGIN_ATTEMPTS_PER_MINUTE: "1000",
			VALUATION_MISSES_PER_MINUTE: "100000",
			VALUATION_BATCHES_PER_MINUTE: "10000",
			...env,
		},
	});
	const origin = `http://127.0.0.1:${port}`;
	await scope.race(untilReady(origin));
	return { origin, metrics: `127.0.0.1:${metricsPort}` };
}

/** @throws {TerminalError} when it is not in time */
async function untilReady(origin: string): Promise<void> {
	const end = performance.now() + READY_WITHIN_MS;
	while (!(await fetch(`${origin}/readyz`)).ok) {
		if (performance.now() > end)
			throw new TerminalError(`An instance was not ready within ${READY_WITHIN_MS / 1000} s`);
		await Bun.sleep(50);
	}
}

/** It has learned nothing, which takes no time: here it only has to be there. */
function untrainedModel() {
	return trainModel([], { version: `${METHOD}-untrained` });
}
