import pino from "pino";
import { openDatabase } from "../../db/client.ts";
import { type App, createApp } from "../../src/app.ts";
import { createMemoryPopularity, createMemoryStore } from "../../src/cache/index.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import type { Config } from "../../src/config.ts";
import { systemClock as clock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { logCacheEvents } from "../../src/observability/cache-log.ts";
import { createCounting } from "../../src/observability/counting.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { policies } from "../../src/policies.ts";
import { SEGMENTS } from "../../src/valuation/segment.ts";
import { createDemand } from "../../src/warming/demand.ts";

const MEMORY_BYTES = 64 * 1024 * 1024;
const COUNT_EVERY_MS = 5_000;
/** Prometheus asks about as often. */
const SCRAPE_EVERY_MS = 15_000;

/** The product's application over memory, with everything that watches it at the settings of production. */
export function watchedApp(config: Config): App {
	// Lines are made and written; where they end up is the machine's business.
	const logger = createLogger({ level: config.logLevel, stream: pino.destination("/dev/null") });
	const counting = createCounting({
		clock,
		policies: Object.values(policies).map(({ name }) => name),
		tiers: ["memory"],
		stores: [],
		segments: SEGMENTS,
		poolSize: config.database.pool,
	});
	const log = logCacheEvents({ logger, clock, mode: config.cache.log });
	const demand = createDemand({ counter: createMemoryPopularity({ clock }) });
	const app = createApp({
		...common(config),
		logger,
		db: openDatabase({ url: config.database.url, observe: counting.queries }).db,
		cacheListener(event) {
			counting.cache.listener(event);
			log(event);
		},
		onRequest: counting.requests.observe,
		onValued: counting.valuations.onValued,
		onAsked: demand.asked,
	});
	const metrics = counting.metrics({ usage: app.cache.usage, connected: () => undefined, state: {} });
	setInterval(counting.cache.tick, COUNT_EVERY_MS).unref();
	setInterval(async () => (await metrics).text(), SCRAPE_EVERY_MS).unref();
	return app;
}

/** The same with nobody who counts or writes. */
export function unwatchedApp(config: Config): App {
	const { db } = openDatabase({ url: config.database.url });
	return createApp({ ...common(config), logger: silentLogger, db, cacheListener() {} });
}

function common(config: Config) {
	return {
		config,
		clock,
		store: createMemoryStore({ clock, maxBytes: MEMORY_BYTES }),
		passwords: bunPasswords,
	};
}
