/**
 * One instance of a small cached API, as a process of its own: started by `startInstance` with its settings as the
 * only argument, it prints its port and serves until it is killed.
 */
import { Hono } from "hono";
import { cached, createCache, PurgePending } from "../../../src/cache/index.ts";
import { openRedisBackend } from "../../../src/cache/redis.ts";
import type { InstanceSettings } from "./cluster.ts";

const settings = JSON.parse(process.argv[2] ?? "") as InstanceSettings;
const backend = openRedisBackend({
	redis: settings.redis,
	memoryBytes: settings.memoryBytes,
	clock: Date.now,
	deadlineMs: settings.deadlineMs,
});
const counts: Record<string, number> = {};
const cache = createCache({
	store: backend.store,
	clock: Date.now,
	storeBudgetMs: settings.deadlineMs,
	listener: ({ type }) => {
		counts[type] = (counts[type] ?? 0) + 1;
	},
});

const app = new Hono()
	.use(async (c, next) => {
		await next();
		c.res.headers.set("X-Pid", String(process.pid));
	})
	.get(
		"/things/:id",
		cached(
			cache,
			{ name: "things", prefix: "things:", scope: "shared", ...settings.policy },
			{ tags: (c) => [`thing:${c.req.param("id")}`] },
		),
		async (c) => {
			const origin = await fetch(`${settings.origin}/${c.req.param("id")}`);
			return c.body(await origin.text(), origin.status as 200);
		},
	)
	.post("/purge", async (c) => {
		try {
			await cache.purge(await c.req.json());
		} catch (error) {
			if (error instanceof PurgePending) return c.json({ pending: error.pending }, 503);
			throw error;
		}
		return c.json({});
	})
	.get("/state", (c) => c.json({ connected: backend.bus.connected && backend.connected, counts }));

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch, idleTimeout: 60 });
process.stdout.write(`${server.port}\n`);
