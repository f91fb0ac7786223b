import type { ExecutionContext } from "hono";
import { type DatabaseHandle, openDatabase } from "../db/client.ts";
import { type App, createApp } from "./app.ts";
import type { DirectoryMemory } from "./areas/read-directory.ts";
import type { PasswordHasher } from "./auth/index.ts";
import { openEdgeStore, type StoreMemory } from "./edge/open-store.ts";
import { type Bindings, readEdgeSettings } from "./edge/settings.ts";
import { Problem } from "./http/problem.ts";
import { systemClock } from "./lib/clock.ts";
import { createLogger } from "./observability/logger.ts";
import type { ModelMemory } from "./valuation/model-keeper.ts";

/** argon2id is more work than an edge function may do: sessions and tokens are had from the origin, and count here. */
const noPasswords: PasswordHasher = {
	hash: refuse,
	verify: refuse,
};

/** Plain data, so it may outlive the request that read it: reading it anew would cost each request more than all else. */
const modelMemory: ModelMemory = new Map();
const directoryMemory: DirectoryMemory = {};
const storeMemory: StoreMemory = { breaker: { failures: 0 }, version: {} };

/**
 * The same application for Cloudflare Workers. Sockets belong to the request that opened them there, so each request
 * has a database client, and the application around it, of its own. Of the rest nothing is kept between requests but what
 * is said above: checked tokens are not remembered, and the limit on uncached valuations counts one request at a time.
 */
export default {
	async fetch(request: Request, bindings: Bindings, context: ExecutionContext) {
		const settings = readEdgeSettings(bindings);
		const { config } = settings;
		const database = openDatabase({
			url: settings.databaseUrl,
			max: 4,
			statementTimeoutMs: config.database.statementTimeoutMs,
			pooled: config.database.pooled,
			// It would cost each request a round trip for each connection.
			fetchTypes: false,
		});
		const { db } = database;
		const app = createApp({
			config,
			clock: systemClock,
			logger: createLogger({ level: config.logLevel }),
			db,
			store: openEdgeStore(settings, { db, clock: systemClock, memory: storeMemory }),
			modelMemory,
			directoryMemory,
			passwords: noPasswords,
			clientAddress: (c) => c.req.header("cf-connecting-ip"),
		});
		try {
			return await app.fetch(request, bindings, context);
		} finally {
			context.waitUntil(finish(app, database));
		}
	},
};

/** Refreshes and writes behind the answer still need the database. */
async function finish(app: App, database: DatabaseHandle): Promise<void> {
	await Promise.allSettled([app.cache.settled(), app.auth.settled()]);
	await database.close();
}

async function refuse(): Promise<never> {
	throw new Problem("not-offered-here", {
		detail: "Sign in at the origin: this deployment does not check passwords.",
	});
}
