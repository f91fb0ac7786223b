import { type Context, type Env, type Handler, Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { parseList, Token } from "structured-headers";
import type { CachedOptions } from "../../src/cache/cached.ts";
import { cached } from "../../src/cache/cached.ts";
import { createCache } from "../../src/cache/engine.ts";
import type { CacheEvent } from "../../src/cache/events.ts";
import type { PolicyOptions } from "../../src/cache/policy.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import type { Cache, CacheDeps } from "../../src/cache/types.ts";
import { createTestClock, type TestClock } from "./support/clock.ts";

export const POLICY: PolicyOptions = {
	name: "things",
	prefix: "things:",
	ttl: 60,
	scope: "shared",
	early: 0,
};

export interface Setup<E extends Env> {
	policy?: Partial<PolicyOptions>;
	options?: CachedOptions<E>;
	cache?: Partial<CacheDeps>;
	/** What stands between the application and `cached()`. */
	before?: MiddlewareHandler[];
	/** What the handler answers the n-th time it runs. */
	answer?: (c: Context, run: number) => Response | Promise<Response>;
	path?: string;
}

export interface Made {
	readonly app: Hono;
	readonly clock: TestClock;
	readonly cache: Cache;
	readonly events: CacheEvent[];
	/** How often the handler ran. */
	runs(): number;
	/** Sends a request and waits until what it set off in the background is over. */
	ask(path?: string, init?: RequestInit): Promise<Response>;
	post(
		body: string,
		init?: { path?: string; type?: string | null; headers?: Record<string, string> },
	): Promise<Response>;
}

/** A clock, a cache over a memory store, and the events that it told of. */
export function createTestCache(deps: Partial<CacheDeps> = {}) {
	const clock = createTestClock();
	const events: CacheEvent[] = [];
	const cache = createCache({
		store: createMemoryStore({ clock, maxBytes: 16 * 1024 * 1024 }),
		clock,
		listener: (event) => events.push(event),
		...deps,
	});
	return { clock, events, cache };
}

/** One cached route, for any method, whose handler counts its runs. */
export function setUp<E extends Env = Env>(setup: Setup<E> = {}): Made {
	const { policy, options, before = [], path = "/things", answer = (c, run) => c.json({ run }) } = setup;
	const { clock, events, cache } = createTestCache(setup.cache);
	let runs = 0;
	const handler: Handler = (c) => {
		runs += 1;
		return answer(c, runs);
	};
	const app = new Hono();
	app.onError((error, c) => {
		if (error instanceof HTTPException) return error.getResponse();
		return c.text(error.message, "status" in error ? (error.status as 500) : 500);
	});
	app.all(
		path,
		...(before as [MiddlewareHandler]),
		cached(cache, { ...POLICY, ...policy }, options as unknown as CachedOptions<Env>),
		handler,
	);
	async function ask(to = path, init?: RequestInit): Promise<Response> {
		const response = await app.request(to, init);
		await cache.settled();
		return response;
	}
	return {
		app,
		clock,
		cache,
		events,
		runs: () => runs,
		ask,
		post: (body, { path: to, type = "application/json", headers } = {}) =>
			ask(to, { method: "POST", body, headers: { ...(type && { "Content-Type": type }), ...headers } }),
	};
}

/** The parameters of our member of `Cache-Status`, read as a structured field. */
export function statusOf(response: Response): Record<string, unknown> {
	const [member] = parseList(response.headers.get("Cache-Status") ?? "");
	if (!member) return {};
	const plain = (value: unknown) => (value instanceof Token ? String(value) : value);
	return Object.fromEntries([...member[1]].map(([name, value]) => [name, plain(value)]));
}

/** Several bodies as one stream, with pauses of `everyMs` between them where given. */
export function streamOf(chunks: readonly string[], everyMs?: number): ReadableStream<Uint8Array> {
	const waiting = chunks.map((chunk) => new TextEncoder().encode(chunk));
	return new ReadableStream({
		async pull(controller) {
			if (everyMs !== undefined) await Bun.sleep(everyMs);
			const chunk = waiting.shift();
			if (chunk) controller.enqueue(chunk);
			else controller.close();
		},
	});
}
