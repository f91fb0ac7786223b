import { hostname as machineName } from "node:os";
import { viewsAgeS } from "../../db/queries/views-age.ts";
import { type AppDeps, createApp } from "../app.ts";
import type { CacheListener } from "../cache/index.ts";
import { systemClock } from "../lib/clock.ts";
import { within } from "../lib/within.ts";
import { logCacheEvents } from "../observability/cache-log.ts";
import { createCounting } from "../observability/counting.ts";
import { createLogger } from "../observability/logger.ts";
import { metricsApp } from "../observability/metrics-app.ts";
import { observedByAll, traceQueries } from "../observability/trace-queries.ts";
import { policies } from "../policies.ts";
import { SEGMENTS } from "../valuation/segment.ts";
import { createDemand } from "../warming/demand.ts";
import { wantedRequests } from "../warming/wanted.ts";
import { createWarmer, type Warmer } from "../warming/warmer.ts";
import { followChanges } from "./follow-changes.ts";
import { type Listen, listenOrExit } from "./listen.ts";
import { migrateOrExit } from "./migrate-or-exit.ts";
import { openDatabases } from "./open-databases.ts";
import { openStore, tiersOf } from "./open-store.ts";
import { configOrExit, readableStream, tracerOf } from "./settings.ts";
import { stopOnSignals } from "./stop.ts";

/** How long the start waits to hear of what changed meanwhile. */
const FOLLOW_WITHIN_MS = 1_000;
/** What is told of the last minute is as exact as this. */
const COUNT_EVERY_MS = 5_000;

/** What a server cannot do without knowing what runs it. */
export interface Platform extends Required<Pick<AppDeps, "passwords" | "clientAddress">> {
	listen: Listen;
}

/**
 * The server as a process: reads the configuration, joins the application to its database, store and followers, listens,
 * and stops when a signal asks for it. Ends the process where that cannot be.
 */
export async function runServer(platform: Platform): Promise<void> {
	const config = configOrExit();
	const logger = createLogger({ level: config.logLevel, ...(await readableStream(config)) });
	if (config.database.migrateOnStart) await migrateOrExit(config.database.directUrl, logger);
	const counting = createCounting({
		clock: systemClock,
		policies: Object.values(policies).map(({ name }) => name),
		tiers: tiersOf(config),
		stores: config.redis.enabled ? ["redis"] : [],
		segments: SEGMENTS,
		poolSize: config.database.pool * (1 + config.database.replicaUrls.length),
	});
	const tracer = await tracerOf(config, logger);
	const databases = openDatabases(config, {
		logger,
		observe: observedByAll(counting.queries, tracer && traceQueries(tracer)),
	});
	const { db } = databases.primary;
	const logCacheEvent = logCacheEvents({ logger, clock: systemClock, mode: config.cache.log });
	const cacheListener: CacheListener = (event) => {
		counting.cache.listener(event);
		logCacheEvent(event);
	};
	const opened = openStore(config, {
		logger,
		listener: cacheListener,
		observe: counting.cache.observeStore,
	});
	const { store, bus, close: closeStore, state: storeState } = opened;
	const demand = createDemand({ counter: opened.counter });
	const stopping = new AbortController();
	let arrived = 0;
	/** Where nothing is kept there is nothing to warm. */
	let warmer: Warmer | undefined;
	const app = createApp({
		config,
		clock: systemClock,
		logger,
		db,
		replicas: databases.replicas,
		store,
		bus,
		makeLimiter: opened.makeLimiter,
		cacheListener,
		onRequest: counting.requests.observe,
		onValued: counting.valuations.onValued,
		passwords: platform.passwords,
		clientAddress: platform.clientAddress,
		health: { ...(storeState && { storeState }), warming: () => warmer?.state },
		onAsked: demand.asked,
		admin: {
			instance: {
				id: crypto.randomUUID(),
				pid: process.pid,
				host: machineName(),
				startedAt: systemClock(),
			},
			report: counting.cache.report,
			warm: ({ valuations }) => warmer?.warm(valuations),
		},
		stopping: stopping.signal,
		tracer,
	});
	if (app.cache.enabled) {
		warmer = createWarmer({
			requests: (valuations = config.cache.warmValuations) => wantedRequests(demand, valuations),
			fetch: app.inside,
			clock: systemClock,
			logger,
		});
	}
	setInterval(counting.cache.tick, COUNT_EVERY_MS).unref();
	if (config.metrics) {
		const { fetch } = metricsApp(
			await counting.metrics({
				usage: app.cache.usage,
				connected: () => storeState?.().connected,
				state: {
					ready: app.isReady,
					warming: () => warmer?.state.state === "running",
					dataVersion: () => app.directory.known?.version,
					modelVersion: () => app.models.known?.current?.version,
					viewsAgeS: () => viewsAgeS(db),
				},
			}),
		);
		// On an address of its own, from before the first request is answered until the process is gone.
		const { listen } = platform;
		const serving = { ...config.metrics, fetch };
		const { url } = await listenOrExit(serving, { listen, logger, what: " for metrics" });
		logger.info({ url: url.href }, "Metrics are at /metrics");
	}
	const following = followChanges({ config, app, store, logger, warmer });
	// What changed while no server ran is forgotten before anybody is answered; a store or database that is away holds nobody up.
	await within(FOLLOW_WITHIN_MS, following.begun).catch(() => {});
	void warmer?.warm();
	const server = await listenOrExit(
		{
			host: config.host,
			port: config.port,
			fetch(request, env) {
				arrived += 1;
				return app.fetch(request, env);
			},
		},
		{ listen: platform.listen, logger, what: "" },
	);
	logger.info({ url: server.url.href, store: store.name, environment: config.environment }, "Listening");

	stopOnSignals({
		server,
		arrived: () => arrived,
		delayMs: config.stopDelayMs,
		stopping,
		logger,
		finish() {
			warmer?.stop();
			return [demand.stop(), following.stop(), app.cache.settled(), app.auth.settled()];
		},
		close: () => [tracer?.close(), closeStore(), databases.close(), following.close()],
	});
}
