/**
 * One instance of a cached API whose handlers ask the soak's origin for what is true: a process of its own, started with its
 * settings as the only argument. It prints its port, and ends with its parent.
 */
import { Hono } from "hono";
import { explain } from "../../../src/cache/http/explain.ts";
import { type CachedOptions, cached, createCache, PurgePending } from "../../../src/cache/index.ts";
import { connectRedis, openRedisBackend } from "../../../src/cache/redis.ts";
import type { InstanceSettings } from "./instances.ts";
import { BOUNDS, POLICIES, tagsOf } from "./rules.ts";

const { redisPort, linkPort, origin, sabotage } = JSON.parse(process.argv[2] ?? "") as InstanceSettings;
const host = "127.0.0.1";

function subscriber() {
	const client = connectRedis({ host, port: linkPort });
	if (sabotage.includes("deaf")) {
		const emit = client.emit.bind(client);
		client.emit = (event, ...values) => event === "message" || emit(event, ...values);
	}
	return client;
}

const backend = openRedisBackend({
	redis: { commands: () => connectRedis({ host, port: redisPort }), subscriber },
	memoryBytes: 8 * 1024 * 1024,
	clock: Date.now,
	deadlineMs: BOUNDS.budgetMs,
});
const counts: Record<string, number> = {};
let storeFailures = 0;
const cache = createCache({
	store: backend.store,
	clock: Date.now,
	storeBudgetMs: BOUNDS.budgetMs,
	listener: (event) => {
		const name = "cause" in event ? `${event.type} (${event.cause})` : event.type;
		counts[name] = (counts[name] ?? 0) + 1;
		if (event.type === "store-failed") storeFailures += 1;
	},
});

const pauses = watchPauses();
type Env = { Variables: { caller: string } };
const app = new Hono<Env>();
app.use(async (c, next) => {
	const before = storeFailures;
	c.set("caller", c.req.header("X-Caller") ?? "");
	await next();
	c.res.headers.set("X-Paused", String(pauses.longest()));
	// A refusal does not say in `Cache-Status` whether the store could be read.
	if (storeFailures > before) c.res.headers.set("X-Store-Failed", "true");
});
for (const route of ["things", "lists", "mine"] as const) {
	const options: CachedOptions<Env> = {
		tags: (c) => tagsOf({ route, id: Number(c.req.param("id")) }),
		caller: (c) => [sabotage.includes("callers") ? "everybody" : c.get("caller")],
		passes: ["caller"],
	};
	app.get(`/${route}/:id`, cached<Env>(cache, POLICIES[route], options), async (c) => {
		const caller = route === "mine" ? `?caller=${c.get("caller")}` : "";
		const answer = await fetch(`${origin}/${route}/${c.req.param("id")}${caller}`);
		return c.body(await answer.text(), answer.status as 200, { "Content-Type": "application/json" });
	});
}
app.post("/purge", async (c) => {
	const { how, ...what } = await c.req.json();
	if (sabotage.includes("purges")) return c.json({});
	try {
		if (how === "expire") await cache.expire(what.tags);
		else if (what.path === undefined) await cache.purge(what);
		else await cache.purge({ keys: [await keyOf(what.path, what.caller)] });
	} catch (error) {
		if (error instanceof PurgePending) return c.json({ pending: error.pending }, 503);
		throw error;
	}
	return c.json({});
});
app.get("/state", (c) => {
	Bun.gc(true);
	const { rss, heapUsed } = process.memoryUsage();
	return c.json({ connected: backend.bus.connected, counts, rss, heapUsed });
});

async function keyOf(path: string, caller: string): Promise<string> {
	const request = new Request(`http://${host}${path}`, { headers: { "X-Caller": caller } });
	const explanation = await explain(app.fetch, request);
	if (!("key" in explanation)) throw new Error(`${path} has no key`);
	return explanation.key;
}

/** How long this process did not get to run at the worst, of late: the machine has few cores. */
function watchPauses() {
	const every = 10;
	let last = performance.now();
	let recent: { at: number; ms: number }[] = [];
	setInterval(() => {
		const now = performance.now();
		const ms = now - last - every;
		last = now;
		if (ms > every) recent = [...recent.filter(({ at }) => now - at < 1_000), { at: now, ms }];
	}, every);
	return {
		longest() {
			const now = performance.now();
			const late = Math.max(0, now - last - every);
			return Math.round(Math.max(late, ...recent.filter(({ at }) => now - at < 1_000).map(({ ms }) => ms)));
		},
	};
}

process.stdin.resume().once("end", () => process.exit());
const server = Bun.serve({ hostname: host, port: 0, fetch: app.fetch, idleTimeout: 60 });
process.stdout.write(`${server.port}\n`);
