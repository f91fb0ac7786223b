import type { Context, Env, MiddlewareHandler, Next, ValidationTargets } from "hono";
import type { Cache, Lookup } from "./engine.ts";
import type { BypassReason, RefusalReason } from "./events.ts";
import { cacheStatus } from "./http/cache-status.ts";
import { whyNotStorable } from "./http/storable.ts";
import { type CacheKey, cacheKey } from "./key.ts";
import type { Policy, PolicyOptions } from "./policy.ts";

export interface CachedOptions<E extends Env> {
	/** What the answer depends on, known before the handler runs; invalidating any of them voids the entry. */
	tags?: (c: Context<E>) => readonly string[];
	/** Who asks, for policies of scope `caller`: for example user id and role version. */
	caller?: (c: Context<E>) => readonly string[];
	/**
	 * Called before the handler is run to fill the cache; throws to refuse the request. Not called when nothing can be
	 * stored anyway: a store that fails must not make a caller look greedy.
	 */
	admit?: (c: Context<E>) => void | Promise<void>;
}

/** All that the validators of a route may have checked, and so all that its handler may read. */
const INPUTS = [
	"param",
	"query",
	"header",
	"cookie",
	"json",
	"form",
] as const satisfies (keyof ValidationTargets)[];

/** Headers of one exchange rather than of the answer (RFC 9111 section 3.1), and those set anew on every answer. */
const NOT_KEPT = new Set([
	"age",
	"cache-status",
	"connection",
	"content-length",
	"date",
	"keep-alive",
	"proxy-connection",
	"te",
	"transfer-encoding",
	"upgrade",
	"x-request-id",
]);

/**
 * Serves a route from the cache where it can. Stands behind authentication and validation, directly before the
 * handler: the key is made of the validated input, so two requests share an answer only if the handler could not
 * have told them apart.
 *
 * @throws {TypeError} while the application is built, when the policy makes no sense.
 */
export function cached<E extends Env>(
	cache: Cache,
	policyOptions: PolicyOptions,
	{ tags = () => [], caller, admit }: CachedOptions<E> = {},
): MiddlewareHandler<E> {
	const policy = cache.register(policyOptions);
	if (policy.scope === "caller" && !caller) {
		throw new TypeError(`Cache policy "${policy.name}": scope "caller" needs to be told who the caller is`);
	}

	return async function cached(c, next): Promise<Response | undefined> {
		if (!cache.enabled) return bypass(c, next, "cache-off");
		const input = keyedInput(c);
		if (!input) return bypass(c, next, "body-not-validated");
		const key = cacheKey({
			policy: policy.name,
			prefix: policy.prefix,
			version: policy.version,
			caller: policy.scope === "caller" && caller ? caller(c) : [],
			input,
		});
		const found = await cache.lookup(policy, key, tags(c));
		if (found.outcome === "hit") return answerFromEntry(found);
		if (found.generations) await admit?.(c);
		await next();
		const refusal = await store(c, policy, key, found);
		// RFC 9211 section 2.2: we looked and had nothing (`uri-miss`), or could not look (`miss`).
		const fwd = found.reason === "store-failed" ? "miss" : "uri-miss";
		c.res.headers.set(
			"Cache-Status",
			cacheStatus({ fwd, ...(refusal ? { detail: refusal } : { stored: true }) }),
		);
		advertise(c.res.headers);
		return undefined;
	};

	async function bypass(c: Context<E>, next: Next, reason: BypassReason): Promise<undefined> {
		cache.emit({ type: "bypass", policy: policy.name, reason });
		await next();
		c.res.headers.set("Cache-Status", cacheStatus({ fwd: "bypass", detail: reason }));
		advertise(c.res.headers);
	}

	function answerFromEntry({ entry, ageS, ttlS }: Lookup & { outcome: "hit" }): Response {
		const headers = new Headers(entry.headers.map(([name, value]): [string, string] => [name, value]));
		headers.set("Age", String(ageS));
		headers.set("Cache-Status", cacheStatus({ hit: true, ttl: ttlS }));
		advertise(headers);
		return new Response(entry.body.slice(), { status: entry.status, headers });
	}

	/** Keeps a copy of the answer, or says why not. */
	async function store(
		c: Context<E>,
		policy: Policy,
		key: CacheKey,
		found: Lookup & { outcome: "miss" },
	): Promise<RefusalReason | undefined> {
		const reason = await whyNotStored();
		if (reason) cache.emit({ type: "refused", policy: policy.name, key: key.name, reason });
		return reason;

		async function whyNotStored(): Promise<RefusalReason | undefined> {
			// Without the generations from before the handler ran, a later invalidation could not void the entry.
			if (!found.generations) return "store-failed-before";
			if (c.req.method === "HEAD") return "head";
			const forbidden = whyNotStorable(c.res);
			if (forbidden) return forbidden;
			const body = new Uint8Array(await c.res.clone().arrayBuffer());
			if (body.byteLength > policy.maxEntryBytes) return "too-large";
			const headers = [...c.res.headers].filter(([name]) => !NOT_KEPT.has(name));
			cache.save(policy, key, { status: c.res.status, headers, body }, found.generations);
			return undefined;
		}
	}
}

/**
 * What the handler may read: the validated input, or the address where the route validates nothing. Undefined for a
 * body that nobody validated, which must not be answered from a key that does not know it.
 */
function keyedInput(c: Context): object | undefined {
	const read = c.req.valid as (target: string) => unknown;
	const input = INPUTS.map((target) => [target, read.call(c.req, target)] as const).filter(
		([, value]) => value !== undefined,
	);
	const method = c.req.method === "HEAD" ? "GET" : c.req.method;
	const bodyIsKnown = method === "GET" || input.some(([target]) => target === "json" || target === "form");
	if (!bodyIsKnown) return undefined;
	if (input.length > 0) return { method, ...Object.fromEntries(input) };
	return { method, path: c.req.path, query: c.req.queries() };
}

/** What a signed-in caller's browser and any proxy may do: ask again each time, and never mix up two callers. */
function advertise(headers: Headers): void {
	if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-cache");
	headers.append("Vary", "Accept-Encoding, Authorization, Cookie");
}
