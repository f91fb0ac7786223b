import { getConnInfo } from "hono/bun";
import { openDatabase } from "../db/client.ts";
import { createApp } from "./app.ts";
import {
	type Bus,
	type CacheListener,
	type CacheStore,
	createMemoryStore,
	createNoopStore,
} from "./cache/index.ts";
import { openRedisBackend } from "./cache/redis.ts";
import { bunPasswords } from "./cli/bun-passwords.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { followMarket, followModel } from "./follow-market.ts";
import { systemClock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import { logCacheEvents } from "./observability/cache-log.ts";
import { createLogger } from "./observability/logger.ts";

/** What is in flight gets this long after a signal to stop. */
const STOP_WITHIN_MS = 8_000;

const config = configOrExit();
const logger = createLogger({ level: config.logLevel, ...(await readableStream(config)) });
const database = openDatabase({
	url: config.database.url,
	max: config.database.pool,
	statementTimeoutMs: config.database.statementTimeoutMs,
});
const cacheListener = logCacheEvents({ logger, clock: systemClock, mode: config.cache.log });
const { store, bus, close: closeStore } = openStore(config, logger, cacheListener);
const app = createApp({
	config,
	clock: systemClock,
	logger,
	db: database.db,
	store,
	bus,
	cacheListener,
	passwords: bunPasswords,
	clientAddress: (c) => getConnInfo(c).remote.address,
});
const followed = { database, cache: app.cache, logger };
const followers = [
	followMarket({ ...followed, directory: app.directory }),
	followModel({ ...followed, models: app.models }),
];
const server = listenOrExit();
logger.info({ url: server.url.href, store: store.name, environment: config.environment }, "Listening");

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal));

async function stop(signal: string): Promise<void> {
	if (stopping) return;
	stopping = true;
	logger.info({ signal }, "Stopping");
	setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
	await server.stop();
	await Promise.all(followers.map((follower) => follower.stop()));
	await Promise.all([app.cache.settled(), app.auth.settled()]);
	await Promise.allSettled([closeStore(), database.close()]);
	process.exit(0);
}

function configOrExit(): Config {
	try {
		return readConfig(process.env);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(2);
	}
}

function listenOrExit() {
	try {
		return Bun.serve({
			hostname: config.host,
			port: config.port,
			fetch: (request, self) => app.fetch(absolute(request), self),
			idleTimeout: 30,
		});
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		logger.error({ reason, host: config.host, port: config.port }, "The port could not be opened");
		process.exit(1);
	}
}

/** HTTP/1.0 needs no Host, and without one Bun knows only the path: health checkers ask like that. */
function absolute(request: Request): Request {
	return request.url.startsWith("/") ? new Request(`http://localhost${request.url}`, request) : request;
}

/** Readable lines while developing; the package for that is not part of a production image. */
async function readableStream({ environment }: Config) {
	if (environment === "production") return {};
	const { default: pretty } = await import("pino-pretty");
	return { stream: pretty({ colorize: process.stdout.isTTY, singleLine: true, sync: true }) };
}

interface OpenedStore {
	store: CacheStore;
	bus?: Bus;
	close(): Promise<unknown>;
}

function openStore({ redis, cache }: Config, log: Logger, listener: CacheListener): OpenedStore {
	const close = async () => {};
	if (redis.enabled) {
		let failing = false;
		const ignored = new Set<string>();
		return openRedisBackend({
			redis,
			memoryBytes: cache.memoryBytes,
			clock: systemClock,
			listener,
			deadlineMs: cache.deadlineMs,
			signingKeys: cache.signingKeys,
			onIgnored: (why) => {
				if (ignored.has(why)) return;
				ignored.add(why);
				log.warn({ why }, "A message of another instance was ignored, and so will others be");
			},
			onConnected: () => {
				failing = false;
				log.info({ host: redis.host, port: redis.port }, "Redis cache connected");
			},
			onFailed: (error) => {
				if (failing) return;
				failing = true;
				log.warn({ reason: error.message }, "Redis cache is out of reach; answers are worked out each time");
			},
		});
	}
	if (cache.memoryBytes > 0) {
		return { store: createMemoryStore({ clock: systemClock, maxBytes: cache.memoryBytes }), close };
	}
	return { store: createNoopStore(), close };
}
