import { hostname as machineName } from "node:os";
import { getConnInfo } from "hono/bun";
import { openDatabase } from "../db/client.ts";
import { viewsAgeS } from "../db/queries/views-age.ts";
import { createApp } from "./app.ts";
import type { CacheListener } from "./cache/index.ts";
import { bunPasswords } from "./cli/bun-passwords.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { drain } from "./http/drain.ts";
import { systemClock } from "./lib/clock.ts";
import type { Tracer } from "./lib/tracer.ts";
import { within } from "./lib/within.ts";
import { logCacheEvents } from "./observability/cache-log.ts";
import { createCounting } from "./observability/counting.ts";
import { createLogger } from "./observability/logger.ts";
import { metricsApp } from "./observability/metrics-app.ts";
import { observedByAll, traceQueries } from "./observability/trace-queries.ts";
import { policies } from "./policies.ts";
import { followChanges } from "./server/follow-changes.ts";
import { absolute, listenOrExit } from "./server/listen.ts";
import { openStore, tiersOf } from "./server/open-store.ts";
import { SEGMENTS } from "./valuation/segment.ts";
import { createDemand } from "./warming/demand.ts";
import { wantedRequests } from "./warming/wanted.ts";
import { createWarmer, type Warmer } from "./warming/warmer.ts";

/** How long the start waits to hear of what changed meanwhile. */
const FOLLOW_WITHIN_MS = 1_000;
/** After a signal to stop: what is in flight gets this long, */
const ANSWER_WITHIN_MS = 6_500;
/** what is still to be told to others this long after that, */
const FLUSH_WITHIN_MS = 1_500;
/** and whatever hangs, the process is gone by then. Containers are killed after 10 s. */
const STOP_WITHIN_MS = 8_800;

/** What is told of the last minute is as exact as this. */
const COUNT_EVERY_MS = 5_000;

const config = configOrExit();
const logger = createLogger({ level: config.logLevel, ...(await readableStream(config)) });
const counting = createCounting({
	clock: systemClock,
	policies: Object.values(policies).map(({ name }) => name),
	tiers: tiersOf(config),
	stores: config.redis.enabled ? ["redis"] : [],
	segments: SEGMENTS,
	poolSize: config.database.pool,
});
const tracer = await tracerOf(config);
const database = openDatabase({
	url: config.database.url,
	max: config.database.pool,
	statementTimeoutMs: config.database.statementTimeoutMs,
	observe: observedByAll(counting.queries, tracer && traceQueries(tracer)),
});
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
	db: database.db,
	store,
	bus,
	makeLimiter: opened.makeLimiter,
	cacheListener,
	onRequest: counting.requests.observe,
	onValued: counting.valuations.onValued,
	passwords: bunPasswords,
	clientAddress: (c) => getConnInfo(c).remote.address,
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
		counting.metrics({
			usage: app.cache.usage,
			connected: () => storeState?.().connected,
			state: {
				ready: app.isReady,
				warming: () => warmer?.state.state === "running",
				dataVersion: () => app.directory.known?.version,
				modelVersion: () => app.models.known?.current?.version,
				viewsAgeS: () => viewsAgeS(database.db),
			},
		}),
	);
	// On an address of its own, from before the first request is answered until the process is gone.
	const { url } = listenOrExit({ ...config.metrics, fetch, logger, what: " for metrics" });
	logger.info({ url: url.href }, "Metrics are at /metrics");
}
const following = followChanges({ config, app, store, logger, warmer });
// What changed while no server ran is forgotten before anybody is answered; a store or database that is away holds nobody up.
await Promise.race([following.begun, Bun.sleep(FOLLOW_WITHIN_MS)]);
void warmer?.warm();
const server = listenOrExit({
	host: config.host,
	port: config.port,
	fetch(request, self) {
		arrived += 1;
		return app.fetch(absolute(request), self);
	},
	logger,
	what: "",
});
logger.info({ url: server.url.href, store: store.name, environment: config.environment }, "Listening");

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal));

/** A second signal changes nothing: it goes as fast as it can, and whoever cannot wait has SIGKILL. */
async function stop(signal: string): Promise<void> {
	if (stopping.signal.aborted) return;
	stopping.abort();
	logger.info({ signal }, "Stopping");
	setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
	const cutOff = await drain(server, {
		arrived: () => arrived,
		delayMs: config.stopDelayMs,
		withinMs: ANSWER_WITHIN_MS,
	});
	if (cutOff > 0) logger.warn({ cutOff }, "Requests took too long and were cut off");
	warmer?.stop();
	await soon([demand.stop(), following.stop(), app.cache.settled(), app.auth.settled()]);
	await soon([tracer?.close(), closeStore(), database.close(), following.close()]);
	process.exit(cutOff > 0 ? 1 : 0);
}

/** Nobody waits for an answer any more, so what is not over in time is left. */
async function soon(work: (Promise<unknown> | undefined)[]): Promise<void> {
	await within(FLUSH_WITHIN_MS, Promise.allSettled(work)).catch(() => {});
}

/** The packages that send traces are large: where nobody wants any, they are not even read. */
async function tracerOf({ tracesTo: to }: Config): Promise<Tracer | undefined> {
	if (to === undefined) return undefined;
	const { openTracer } = await import("./observability/open-telemetry.ts");
	return openTracer({ to, clock: systemClock, logger });
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

/** Readable lines while developing; the package for that is not part of a production image. */
async function readableStream({ environment }: Config) {
	if (environment === "production") return {};
	const { default: pretty } = await import("pino-pretty");
	return { stream: pretty({ colorize: process.stdout.isTTY, singleLine: true, sync: true }) };
}
