import { Hono, type MiddlewareHandler } from "hono";
import type { Database } from "../../db/client.ts";
import type { Cache } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import type { Inside } from "../http/inside.ts";
import { validJson } from "../http/validate.ts";
import type { Clock } from "../lib/clock.ts";
import { auditRoute, createAudited } from "./audit.ts";
import { createChanges, expireRequest, purgeRequest, type Warm, warmRequest } from "./changes.ts";
import { entriesRoute, entryRoute } from "./entries.ts";
import { createExplain } from "./explain.ts";
import { explainBody, explainedRequest, explainQuery } from "./explained-request.ts";
import { nothingAsked, readQuery } from "./input.ts";
import type { Instance, InstanceStats } from "./instance.ts";
import { createRollCall, type RollCallDeps } from "./roll-call.ts";
import { statsRoute } from "./stats.ts";

export interface AdminDeps {
	db: Database;
	cache: Cache;
	clock: Clock;
	/** The name of the cache's store. */
	store: string;
	/** Lets administrators only go on. */
	requireAdmin: MiddlewareHandler<AppEnv>;
	/** Answers what the server itself asks of the market. */
	inside: Inside;
	/** Reaches the other instances, where there are any. */
	bus?: RollCallDeps["bus"];
	instance: Instance;
	/** What this instance tells of itself. */
	stats(): Omit<InstanceStats, "instance">;
	/** Absent where nothing is warmed. */
	warm?: Warm | undefined;
}

/**
 * To look into the cache and to change it, for administrators alone. To be mounted at `/api/admin`:
 *
 * - GET /cache/stats — what happened, over all instances, and what the store holds.
 * - GET /cache/entries, GET /cache/entries/:key — what is stored, without bodies.
 * - POST /cache/purge, /cache/expire, /cache/warm — each written down before it is done.
 * - GET or POST /cache/explain — what the cache would do with a request.
 * - GET /audit — who changed what.
 */
export function adminRoutes(deps: AdminDeps): Hono<AppEnv> {
	const { db, cache, bus, instance, stats } = deps;
	const rollCall = createRollCall({
		bus,
		instance: instance.id,
		topic: "cache-stats",
		answer: (): InstanceStats => ({ instance, ...stats() }),
	});
	const changes = createChanges({ ...deps, audited: createAudited(db) });
	const explained = createExplain(deps);

	return new Hono<AppEnv>()
		.use(deps.requireAdmin)
		.post("/*", async function noQuery(c, next) {
			readQuery(c, nothingAsked);
			await next();
		})
		.get("/cache/stats", statsRoute({ ...deps, rollCall }))
		.get("/cache/entries", entriesRoute(cache))
		.get("/cache/entries/:key", entryRoute(cache))
		.post("/cache/purge", validJson(purgeRequest), (c) => changes.purge(c, c.req.valid("json")))
		.post("/cache/expire", validJson(expireRequest), (c) => changes.expire(c, c.req.valid("json")))
		.post("/cache/warm", validJson(warmRequest), (c) => changes.warm(c, c.req.valid("json")))
		.get("/cache/explain", (c) => explained(c, explainedRequest(readQuery(c, explainQuery))))
		.post("/cache/explain", validJson(explainBody), (c) =>
			explained(c, explainedRequest(c.req.valid("json"))),
		)
		.get("/audit", auditRoute(db));
}
