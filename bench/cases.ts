import { ACCEPTS_GZIP, type BenchRequest } from "./measure/request.ts";
import { type Payload, payload } from "./servers/payloads.ts";

/** One thing that is measured under load. */
export interface Case {
	/** What the report and the kept result call it, and `--only` can name. */
	readonly name: string;
	/** Several cases that `--only` can name together. Those of `full` are measured only when asked for. */
	readonly part: "memory" | "redis" | "signed-in" | "full";
	/** The server's name. */
	readonly server: string;
	readonly requests: readonly BenchRequest[];
}

const MANY_KEYS = 64;
/** So many that two requests for one of them are hardly ever under way together. */
const SCATTERED_KEYS = 2_000;
const NO_GZIP = { "Accept-Encoding": "identity" };
/** Any entity tag will do, so the answer is 304 wherever there is one. */
const CONDITIONAL = { ...ACCEPTS_GZIP, "If-None-Match": "*" };

interface Asked {
	readonly keys?: number;
	readonly route?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly status?: number;
}

function asking(kind: Payload, asked: Asked = {}): BenchRequest[] {
	const { keys = 1, route = "payload", headers = ACCEPTS_GZIP, status = 200 } = asked;
	return Array.from({ length: keys }, (_, index): BenchRequest => {
		const id = String(index + 1);
		return {
			path: `/${route}/${kind}/${id}`,
			headers,
			status,
			...(status === 200 && { expected: payload(kind, id) }),
		};
	});
}

const one = (part: Case["part"], name: string, server: string, kind: Payload, asked?: Asked): Case => ({
	part,
	name,
	server,
	requests: asking(kind, asked),
});

/** What the goals need. */
const forGoals: readonly Case[] = [
	one("memory", "Hono constant, A", "hono-constant", "A"),
	one("memory", "Hono constant behind an empty middleware, A", "hono-middleware", "A"),
	one("memory", "ours, memory hit, A", "ours-memory", "A"),
	one("memory", "ours, memory hit, A, client without gzip", "ours-memory", "A", { headers: NO_GZIP }),
	one("memory", "bentocache two tiers, hit, A", "bentocache-tiers-objects", "A"),
	one("memory", "bentocache two tiers, hit, A, text passed through", "bentocache-tiers", "A"),
	one("memory", "nginx proxy_cache, hit, A", "nginx", "A"),

	one("redis", "Hono + one GET, A", "redis-get", "A"),
	one("redis", "Hono + one GET, A, 64 keys", "redis-get", "A", { keys: MANY_KEYS }),
	one("redis", "Hono + one GET, B", "redis-get", "B"),
	one("redis", "naive port, A", "naive", "A"),
	one("redis", "bentocache Redis only, hit, A", "bentocache-redis-objects", "A"),
	one("redis", "bentocache Redis only, hit, A, text passed through", "bentocache-redis", "A"),
	one("redis", "Flask + redis-py, hit, A", "flask", "A"),
	one("redis", "ours, Redis hit, A", "ours-redis", "A"),
	one("redis", "ours, Redis hit, A, client without gzip", "ours-redis", "A", { headers: NO_GZIP }),
	one("redis", "ours, Redis hit, A, 64 keys", "ours-redis", "A", { keys: MANY_KEYS }),
	one("redis", "ours, Redis hit, B", "ours-redis", "B"),

	one("signed-in", "ours, memory hit, A, nobody signed in", "ours-open", "A"),
	one("signed-in", "ours, memory hit, A, bearer token", "ours-signed-in", "A"),
];

/** The rest of the matrix: other payloads, many keys, and what flatters us least. */
const rest: readonly Case[] = [
	one("full", "Bun.serve constant, A", "bun-constant", "A"),
	one("full", "Hono constant, B", "hono-constant", "B"),
	one("full", "Hono constant, C", "hono-constant", "C"),
	one("full", "ours, memory hit, B", "ours-memory", "B"),
	one("full", "ours, memory hit, C", "ours-memory", "C"),
	one("full", "ours, memory hit, A, 64 keys", "ours-memory", "A", { keys: MANY_KEYS }),
	one("full", "ours, memory hit, A, 2,000 keys", "ours-memory", "A", { keys: SCATTERED_KEYS }),
	one("full", "ours, memory hit, A, 304", "ours-memory", "A", { headers: CONDITIONAL, status: 304 }),
	one("full", "ours, stale hit, A", "ours-memory", "A", { route: "stale" }),
	one("full", "ours, miss, A, memory", "ours-memory", "A", { route: "miss", keys: SCATTERED_KEYS }),
	one("full", "ours, miss, A, Redis", "ours-redis", "A", { route: "miss", keys: SCATTERED_KEYS }),
	one("full", "ours, two tiers, hit, A", "ours-tiers", "A"),
	one("full", "ours, two tiers, hit, A, 64 keys", "ours-tiers", "A", { keys: MANY_KEYS }),
	one("full", "ours, Redis hit, C", "ours-redis", "C"),
	one("full", "Hono + one GET, C", "redis-get", "C"),
	one("full", "ours, Redis hit, B, client without gzip", "ours-redis", "B", { headers: NO_GZIP }),
	...[
		"ocache",
		"cacheable",
		"cache-manager",
		"async-cache-dedupe",
		"cachified",
		"fastify-caching",
		"apicache",
	].map((peer) => one("full", `${peer}, hit, A`, peer, "A")),
];

export const cases: readonly Case[] = [...forGoals, ...rest];
