/** The product's application over memory: `watched` as in production, or `unwatched` with nobody who counts or writes. */
import pino from "pino";
import { openDatabase } from "../../db/client.ts";
import { createApp } from "../../src/app.ts";
import { createMemoryPopularity, createMemoryStore } from "../../src/cache/index.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { readConfig } from "../../src/config.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { logCacheEvents } from "../../src/observability/cache-log.ts";
import { createCounting } from "../../src/observability/counting.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { policies } from "../../src/policies.ts";
import { SEGMENTS } from "../../src/valuation/segment.ts";
import { createDemand } from "../../src/warming/demand.ts";
import { serve, settings } from "../servers/serve.ts";

const MEMORY_BYTES = 64 * 1024 * 1024;
const COUNT_EVERY_MS = 5_000;
/** Prometheus asks about as often. */
const SCRAPE_EVERY_MS = 15_000;

const config = readConfig(process.env);
const clock = systemClock;
const common = {
	config,
	clock,
	store: createMemoryStore({ clock, maxBytes: MEMORY_BYTES }),
	passwords: bunPasswords,
};

serve(settings.mode === "watched" ? watched() : unwatched());

function watched() {
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
	const { db } = openDatabase({ url: config.database.url, observe: counting.queries });
	const demand = createDemand({ counter: createMemoryPopularity({ clock }) });
	const app = createApp({
		...common,
		logger,
		db,
		cacheListener(event) {
			counting.cache.listener(event);
			log(event);
		},
		onRequest: counting.requests.observe,
		onValued: counting.valuations.onValued,
		onAsked: demand.asked,
	});
	const metrics = counting.metrics({ usage: app.cache.usage, connected: () => undefined, state: {} });
	setInterval(counting.cache.tick, COUNT_EVERY_MS);
	setInterval(() => void metrics.text(), SCRAPE_EVERY_MS);
	return app.fetch;
}

function unwatched() {
	const { db } = openDatabase({ url: config.database.url });
	return createApp({ ...common, logger: silentLogger, db, cacheListener() {} }).fetch;
}
