import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { timeout } from "hono/timeout";
import type { Database } from "../db/client.ts";
import type { Replicas } from "../db/replicas.ts";
import type { Warm } from "./admin/changes.ts";
import type { Instance } from "./admin/instance.ts";
import { adminRoutes } from "./admin/routes.ts";
import type { DirectoryKeeper } from "./areas/directory.ts";
import { type DirectoryMemory, readDirectory } from "./areas/read-directory.ts";
import { areaRoutes } from "./areas/routes.ts";
import { type Auth, type AuthDeps, createAuth, type PasswordHasher } from "./auth/index.ts";
import { type Cache, type CacheListener, type CacheStore, createCache } from "./cache/index.ts";
import type { Config } from "./config.ts";
import { type HealthDeps, readyRoute } from "./health/routes.ts";
import type { AppEnv } from "./http/env.ts";
import { answerError, answerNotFound, statusOfError } from "./http/errors.ts";
import { type Inside, insideOf } from "./http/inside.ts";
import { LABEL_HEADER, marketLabel } from "./http/label.ts";
import { createRateLimiter, type MakeLimiter } from "./http/rate-limit.ts";
import { readBody } from "./http/read-body.ts";
import type { Clock } from "./lib/clock.ts";
import { keep } from "./lib/keeper.ts";
import type { Logger } from "./lib/logger.ts";
import type { Tracer } from "./lib/tracer.ts";
import { logCacheEvents } from "./observability/cache-log.ts";
import { type CacheReport, mergeReports } from "./observability/cache-stats.ts";
import { logRequests } from "./observability/request-log.ts";
import type { RequestObserver } from "./observability/request-stats.ts";
import { traceCache } from "./observability/trace-cache.ts";
import { traceRequests } from "./observability/trace-requests.ts";
import { propertyTypeRoutes } from "./property-types/routes.ts";
import { keepModel, type ModelKeeper, type ModelMemory } from "./valuation/model-keeper.ts";
import { type ValuationDeps, valuationRoutes } from "./valuation/routes.ts";
import type { ValuesDeps } from "./valuation/values.ts";

export interface AppDeps {
	config: Pick<Config, "auth" | "cache" | "valuation" | "trustProxy">;
	clock: Clock;
	logger: Logger;
	db: Database;
	/** Where the market may be read as well. */
	replicas?: Replicas | undefined;
	store: CacheStore;
	/** Hears what happens in the cache. @default the log */
	cacheListener?: CacheListener;
	/** Hears of every request that was answered. */
	onRequest?: RequestObserver;
	/** Hears of every valuation that was worked out, not of those that were kept. */
	onValued?: ValuesDeps["onValued"];
	/** Hears of every single valuation that a caller asks for, stored or not. */
	onAsked?: ValuationDeps["onAsked"];
	passwords: PasswordHasher;
	/** Reaches the other instances, where there are any. */
	bus?: AuthDeps["bus"];
	/** Limits that the instances share. @default each instance has its own */
	makeLimiter?: MakeLimiter | undefined;
	/** Uniform in [0, 1): spreads what expires. @default Math.random */
	random?: () => number;
	/** Models and names that were read before, where applications live shorter than the process. */
	modelMemory?: ModelMemory;
	directoryMemory?: DirectoryMemory;
	/** The address at the other end of the connection, where the platform knows it. */
	clientAddress?: (c: Context<AppEnv>) => string | undefined;
	/** What /readyz cannot find out by itself. */
	health?: HealthDeps;
	/** What administrators are told and may do, as far as only the platform knows of it. */
	admin?: {
		/** @default one of no process */
		instance?: Instance;
		/** What was counted in the cache. @default nothing */
		report?(): CacheReport;
		warm?: Warm;
	};
	/** Aborted when the server is told to stop: from then on it is not ready, and clients are asked to leave. */
	stopping?: AbortSignal;
	/** Tells a collector how long what took. */
	tracer?: Tracer | undefined;
}

export interface App {
	readonly fetch: Hono<AppEnv>["fetch"];
	readonly request: Hono<AppEnv>["request"];
	/** Answers what is asked of the market by the server itself: nobody signs in, and nothing is limited or counted. */
	readonly inside: Inside;
	/** What /readyz says. Asking like this is no request: it is not counted, logged or traced. */
	isReady(): Promise<boolean>;
	readonly cache: Cache;
	readonly directory: DirectoryKeeper;
	readonly models: ModelKeeper;
	readonly auth: Auth;
}

/** Larger than any body that most routes understand, small enough to read and hash without a thought. */
const MAX_BODY_BYTES = 64 * 1024;
/** A thousand properties, described at length. */
const LARGER_BODIES = { "/api/property/valuations": 512 * 1024 };
const READ_BODY_WITHIN_MS = 5_000;
/** Longer than any query may take: what is not answered by then hangs. */
const REQUEST_TIMEOUT_MS = 15_000;

/** The whole API over the servers and the platform's abilities that it is given; nothing here knows which they are. */
export function createApp(deps: AppDeps): App {
	const { config, clock, logger, db, replicas, store, stopping, tracer } = deps;
	const untraced = createCache({
		store,
		clock,
		listener: deps.cacheListener ?? logCacheEvents({ logger, clock, mode: config.cache.log }),
		storeBudgetMs: config.cache.deadlineMs,
		maxRefreshes: config.cache.maxRefreshes,
		signingKeys: config.cache.signingKeys,
		statusOf: statusOfError,
		debug: config.cache.debug,
		...(deps.random && { random: deps.random }),
	});
	const cache = tracer ? traceCache(untraced, tracer) : untraced;
	const directory = keep({
		what: "Names",
		load: () => readDirectory(db, deps.directoryMemory),
		clock,
		logger,
	});
	const makeLimiter = deps.makeLimiter ?? ((_, limit) => createRateLimiter({ ...limit, clock }));
	const auth = createAuth({
		db,
		clock,
		logger,
		passwords: deps.passwords,
		bus: deps.bus,
		makeLimiter,
		config: config.auth,
		trustProxy: config.trustProxy,
		clientAddress: deps.clientAddress ?? (() => undefined),
	});
	const models = keepModel({ db, clock, logger, memory: deps.modelMemory });
	const missLimiter = makeLimiter("misses", { perMinute: config.valuation.missesPerMinute });
	const batchLimiter = makeLimiter("batches", { perMinute: config.valuation.batchesPerMinute });

	/** What is said of the market, whoever asks. */
	const market = new Hono<AppEnv>()
		.use(async function knowTheMarket(_, next) {
			// Before anything is said of the market it must be known whether it is made up.
			await directory.whenSoonKnown();
			await next();
		})
		.route("/areas", areaRoutes({ db, replicas, cache, directory }))
		.route("/property-types", propertyTypeRoutes({ db, replicas, cache, directory }))
		.route(
			"/property",
			valuationRoutes({
				db,
				replicas,
				cache,
				directory,
				models,
				clock,
				missLimiter,
				batchLimiter,
				onValued: deps.onValued,
				onAsked: deps.onAsked,
			}),
		);
	const label = () => marketLabel(directory.known);
	const inside = insideOf(market, { logger, label });
	const readyz = readyRoute({ ...deps.health, db, replicas, clock, store: store.name, stopping });
	const readyzInside = insideOf(readyz, { logger, label });
	const isReady = async () => (await readyzInside(new Request("http://inside/api"))).ok;

	const admin = adminRoutes({
		db,
		cache,
		clock,
		store: store.name,
		requireAdmin: auth.requireAdmin,
		inside,
		bus: deps.bus,
		instance: deps.admin?.instance ?? { id: crypto.randomUUID(), pid: 0, startedAt: clock() },
		stats: () => ({
			report: deps.admin?.report?.() ?? mergeReports([]),
			store: deps.health?.storeState?.(),
			dataVersion: directory.known?.version,
			warming: deps.health?.warming?.()?.state === "running",
		}),
		warm: deps.admin?.warm,
	});

	const api = new Hono<AppEnv>()
		.use(
			readBody({ maxBytes: MAX_BODY_BYTES, larger: LARGER_BODIES, withinMs: READ_BODY_WITHIN_MS, stopping }),
		)
		.use(timeout(REQUEST_TIMEOUT_MS, new HTTPException(504)))
		.route("/auth", auth.routes)
		.route("/admin", admin)
		.use(auth.requireCaller)
		.route("/", market);

	const app = new Hono<AppEnv>();
	if (tracer) app.use(traceRequests(tracer));
	app
		.use(requestId())
		.use(logRequests({ logger, onRequest: deps.onRequest }))
		.use(async function commonHeaders(c, next) {
			c.set("label", () => marketLabel(directory.known));
			await next();
			c.res.headers.set("X-Request-Id", c.get("requestId"));
			c.res.headers.set("X-Content-Type-Options", "nosniff");
			// A client that is told leaves by itself; a connection that we close may have its next request on the way.
			if (stopping?.aborted) c.res.headers.set("Connection", "close");
			// A stored answer has its own label, which is right as long as nothing else is known.
			if (directory.known && !directory.known.sample) c.res.headers.delete(LABEL_HEADER);
			if (directory.known?.sample) c.res.headers.set(LABEL_HEADER, "SAMPLE");
		})
		.get("/livez", (c) => c.json({ ...c.get("label")(), status: "alive" }))
		.route("/readyz", readyz)
		.route("/api", api)
		.onError(answerError)
		.notFound(answerNotFound);

	return { fetch: app.fetch, request: app.request, inside, isReady, cache, directory, models, auth };
}
