/** Hono with our `cached()`, over memory, over Redis alone, or over both, as production has it. */
import { type Context, Hono } from "hono";
import { cached, createCache, createMemoryStore } from "../../src/cache/index.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { createOrigin } from "./origin.ts";
import { JSON_TYPE } from "./payloads.ts";
import { serve, settings } from "./serve.ts";

const MEMORY_BYTES = 64 * 1024 * 1024;
const DEADLINE_MS = 50;

const origin = createOrigin(settings.handlerMs);
const cache = createCache({
	store: openStore(),
	clock: Date.now,
	storeBudgetMs: DEADLINE_MS,
});
const app = new Hono();

const shared = { scope: "shared", ttl: 3600 } as const;
const work = cached(cache, { ...shared, name: "work", prefix: "work:" });
const things = cached(
	cache,
	{ ...shared, name: "things", prefix: "things:" },
	{
		tags: (c) => [`thing:${c.req.param("id")}`],
	},
);
/** Fresh for a millisecond, then stale for an hour: every answer but the first is a stale one. */
const stale = cached(cache, {
	...shared,
	name: "stale",
	prefix: "stale:",
	ttl: 0.001,
	staleWhileRevalidate: 3600,
});

/** Fresh for a millisecond, and then of no use: every request runs the handler, and stores what it answers. */
const miss = cached(cache, { ...shared, name: "miss", prefix: "miss:", ttl: 0.001 });
const answer = (c: Context) =>
	c.body(origin.payload(c.req.param("kind") ?? "", c.req.param("id") ?? ""), 200, JSON_TYPE);

app.get("/runs", (c) => c.text(String(origin.runs)));
app.get("/work/:id", work, async (c) => c.body(await origin.work(c.req.param("id")), 200, JSON_TYPE));
app.get("/stale/:kind/:id", stale, answer);
app.get("/miss/:kind/:id", miss, answer);
app.get("/payload/:kind/:id", things, answer);

serve(app.fetch);

function openStore() {
	if (settings.mode === "memory") return createMemoryStore({ clock: Date.now, maxBytes: MEMORY_BYTES });
	return openRedisBackend({
		redis: { host: "127.0.0.1", port: settings.redisPort },
		memoryBytes: settings.mode === "tiers" ? MEMORY_BYTES : 0,
		clock: Date.now,
		deadlineMs: DEADLINE_MS,
	}).store;
}
