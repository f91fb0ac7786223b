import type { ExecutionContext } from "hono";
import { openDatabase } from "../db/client.ts";
import { createApp } from "./app.ts";
import type { PasswordHasher } from "./auth/index.ts";
import { createNoopStore } from "./cache/index.ts";
import { readConfig } from "./config.ts";
import { Problem } from "./http/problem.ts";
import { systemClock } from "./lib/clock.ts";
import { createLogger } from "./observability/logger.ts";
import type { ModelMemory } from "./valuation/model-keeper.ts";

/** argon2id is more work than an edge function may do: sessions and tokens are had from the origin, and count here. */
const noPasswords: PasswordHasher = {
	hash: refuse,
	verify: refuse,
};

/** Plain data, so it may outlive the request that read it: reading it anew would cost each valuation more than all else. */
const modelMemory: ModelMemory = new Map();

/**
 * The same application for Cloudflare Workers. Sockets belong to the request that opened them there, so each request
 * has a database client, and the application around it, of its own. Of the rest nothing is kept between requests: names are read
 * anew, checked tokens are not remembered, and the limit on uncached valuations counts one request at a time.
 */
export default {
	async fetch(request: Request, env: Record<string, unknown>, context: ExecutionContext) {
		const variables = Object.entries(env).filter(
			(entry): entry is [string, string] => typeof entry[1] === "string",
		);
		const config = readConfig(Object.fromEntries(variables));
		const database = openDatabase({
			url: config.database.url,
			max: 4,
			statementTimeoutMs: config.database.statementTimeoutMs,
		});
		const app = createApp({
			config,
			clock: systemClock,
			logger: createLogger({ level: config.logLevel }),
			db: database.db,
			store: createNoopStore(),
			modelMemory,
			passwords: noPasswords,
			clientAddress: (c) => c.req.header("cf-connecting-ip"),
		});
		try {
			return await app.fetch(request, env, context);
		} finally {
			context.waitUntil(database.close());
		}
	},
};

async function refuse(): Promise<never> {
	throw new Problem("not-offered-here", {
		detail: "Sign in at the origin: this deployment does not check passwords.",
	});
}
