import { Hono } from "hono";
import type { Database } from "../../db/client.ts";
import type { Replicas } from "../../db/replicas.ts";
import type { AppEnv } from "../http/env.ts";
import type { Clock } from "../lib/clock.ts";
import { createDatabaseCheck } from "./database-check.ts";
import { createWarmingCheck, type WarmingState } from "./warming-check.ts";

/** What only the platform knows; left out, it is taken to be well. */
export interface HealthDeps {
	/** How the connection to the shared store is; undefined where there is none. */
	storeState?(): StoreState | undefined;
	/** How far the warming is; undefined where nothing is warmed. */
	warming?(): WarmingState | undefined;
}

export interface StoreState {
	readonly connected: boolean;
	/** It does not answer, and is left alone for the moment. */
	readonly breakerOpen: boolean;
}

export interface ReadyDeps extends HealthDeps {
	db: Database;
	/** Told of, no more: without them the primary answers. */
	replicas?: Pick<Replicas, "state"> | undefined;
	clock: Clock;
	/** The name of the cache's store. */
	store: string;
	/** Aborted once the server was told to stop. */
	stopping?: AbortSignal | undefined;
}

/**
 * GET /readyz — whether a balancer should send requests here, and of each thing that is needed how it is. Without a
 * database that answers and has our schema there is nothing to say (503). Without Redis all answers come, only slower: that is
 * `degraded`, and ready.
 */
export function readyRoute(deps: ReadyDeps): Hono<AppEnv> {
	const { clock, stopping } = deps;
	const databaseCheck = createDatabaseCheck(deps);
	const isWarm = createWarmingCheck(clock);

	return new Hono<AppEnv>().get("/", async (c) => {
		// Whoever stops says so at once, whatever the database is doing.
		const found = stopping?.aborted ? databaseCheck.last : await databaseCheck.find();
		const cache = cacheFindings(deps);
		const warming = deps.warming?.();
		const isReady =
			!stopping?.aborted &&
			found.database.status === "ok" &&
			found.migrations.status === "ok" &&
			isWarm(warming);
		const checks = {
			server: { status: stopping?.aborted ? "stopping" : "ok" },
			...found,
			...(deps.replicas && { replicas: deps.replicas.state }),
			cache,
			...(warming && { warming: warmingFindings(warming) }),
		};
		const status = !isReady ? "not-ready" : cache.status === "degraded" ? "degraded" : "ready";
		return c.json({ ...c.get("label")(), status, checks }, isReady ? 200 : 503, {
			"Cache-Control": "no-store",
		});
	});
}

function cacheFindings({ store, storeState }: ReadyDeps) {
	const state = storeState?.();
	if (state && !state.connected) return { status: "degraded", store, reason: "not-connected" } as const;
	if (state?.breakerOpen) return { status: "degraded", store, reason: "no-answer" } as const;
	return { status: "ok", store } as const;
}

function warmingFindings({ state, warmed, failed, total }: WarmingState) {
	return { status: state, warmed, failed, ...(total !== undefined && { total }) };
}
