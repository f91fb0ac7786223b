import type { Context, Env, MiddlewareHandler, Next } from "hono";
import { LRUCache } from "lru-cache";
import type { BypassReason, RefusalReason } from "./events.ts";
import { parseCacheControl } from "./http/cache-control.ts";
import { bypassStatus, cacheStatusOf } from "./http/cache-status.ts";
import { createDelivery } from "./http/deliver.ts";
import { Undecodable } from "./http/encoding.ts";
import { type Explanation, explaining } from "./http/explain.ts";
import { validatedHeaders } from "./http/keyed-input.ts";
import { createPlanner, type Plan } from "./http/plan.ts";
import { type CachedOptions, RequestAsk } from "./http/request-ask.ts";
import { createRespond } from "./http/respond.ts";
import { send } from "./http/send.ts";
import type { CacheKey } from "./key.ts";
import type { PolicyOptions } from "./policy.ts";
import type { Cache, Served } from "./types.ts";

export type { CachedOptions };

/** Keys of one policy for which is remembered, to be explained, why their last answer was not stored. */
const REMEMBERED_REFUSALS = 500;

/**
 * Serves a route from the cache where it can. Stands behind authentication and validation, directly before the
 * handler: the key is made of the validated input, and the handler runs on nothing but what is in the key, so two
 * requests share an answer only if the handler could not have told them apart. The platform's environment (`c.env`) and
 * execution context are handed on as they are: nothing of a caller belongs in them.
 *
 * @throws {TypeError} while the application is built, when the policy makes no sense.
 */
export function cached<E extends Env>(
	cache: Cache,
	policyOptions: PolicyOptions,
	options: CachedOptions<E> = {},
): MiddlewareHandler<E> {
	const policy = cache.register(policyOptions);
	const { tags = () => NO_TAGS, caller, admit, mayRenew } = options;
	if (policy.scope === "caller" && !caller) {
		throw new TypeError(`Cache policy "${policy.name}": scope "caller" needs to be told who the caller is`);
	}
	const deliver = createDelivery(policy, cache.statusOf, options.unavailable);
	const respond = createRespond(policy);
	const planOf = createPlanner(policy, caller && ((c) => identified(caller(c as Context<E>), policy.name)));
	const route = { cache, policy, options };
	const refusals = new LRUCache<string, RefusalReason>({ max: REMEMBERED_REFUSALS });

	return async function cached(c, next): Promise<Response | undefined> {
		const { routeIndex } = c.req;
		const planned = cache.enabled ? planOf(c as Context, routeIndex) : "cache-off";
		const plan = planned instanceof Promise ? await planned : planned;
		const explainTo = explaining(c as Context);
		if (explainTo) {
			explainTo(await explanationOf(c, plan));
			return c.body(null, 204);
		}
		const directives = parseCacheControl(c.req.header("cache-control"));
		const onlyIfCached = directives.has("only-if-cached");
		if (typeof plan === "string") {
			cache.emit({ type: "bypass", policy: policy.name, reason: plan });
			if (onlyIfCached) await deliver.nothing(c, { why: "only-if-cached", status: 504 }, bypassStatus(plan));
			else await passBy(c, plan, next);
			return undefined;
		}
		const wantsNew = directives.has("no-cache") || directives.get("max-age")?.includes("0") === true;
		const renew = wantsNew && (await mayRenew?.(c)) === true;
		// Not so where the middleware is called by another that was registered, or by a sub-application's error handling.
		const isFirst = routeIndex === 0 && plan.registered === (cached as unknown);
		const ask = new RequestAsk(
			route,
			c,
			routeIndex,
			plan,
			plan.tagsWith(tags(c)),
			onlyIfCached,
			renew,
			isFirst,
		);
		const answered = answer(ask);
		if (answered) await answered;
		return undefined;
	};

	async function passBy(c: Context<E>, reason: BypassReason, next: Next): Promise<void> {
		// Whoever asks has a hand in all other reasons, and must not get past `admit` by them.
		if (reason !== "cache-off") {
			try {
				await admit?.(c);
			} catch (error) {
				deliver.mark(c, bypassStatus(reason));
				throw error;
			}
		}
		await next();
		deliver.mark(c, bypassStatus(reason));
	}

	/** Nothing to wait for where the answer is at hand. */
	function answer(ask: RequestAsk<E>): Promise<void> | undefined {
		const serving = cache.serve(ask);
		return serving instanceof Promise ? answerLater(ask, serving) : give(ask, serving);
	}

	async function answerLater(ask: RequestAsk<E>, serving: Promise<Served<Response>>): Promise<void> {
		let served: Served<Response>;
		try {
			served = await serving;
		} catch (error) {
			return deliver.thrown(ask.c, error);
		}
		return give(ask, served);
	}

	function give(ask: RequestAsk<E>, served: Served<Response>): Promise<void> | undefined {
		const { c, key } = ask;
		remember(key, served);
		const cacheStatus = cache.debug ? cacheStatusOf(served, { key: key.name }) : cacheStatusOf(served);
		switch (served.from) {
			case "entry": {
				const told = { validated: () => validatedHeaders(c as Context), ageS: served.ageS, cacheStatus };
				const response = respond(served.entry, c.req.raw, told);
				if (response instanceof Promise) return giveInflated(ask, response);
				// Where the handler was asked, `admit` was before it, and may have set some.
				send(c as Context, response, ask.isFirst && served.outcome === "hit");
				return undefined;
			}
			case "handler":
				deliver.own(c, served.result, cacheStatus);
				return undefined;
			case "failure":
				deliver.failure(c, served, cacheStatus);
				return undefined;
			case "nothing":
				return deliver.nothing(c, served, cacheStatus);
		}
	}

	async function giveInflated(ask: RequestAsk<E>, inflating: Promise<Response>): Promise<void> {
		try {
			send(ask.c as Context, await inflating);
		} catch (error) {
			if (!(error instanceof Undecodable) || ask.renew) throw error;
			await answer(ask.renewed());
		}
	}

	function remember({ name }: CacheKey, served: Served<Response>): void {
		const reason = served.from === "handler" || served.from === "entry" ? served.detail : undefined;
		if (reason) refusals.set(name, reason);
		else if (served.from === "entry" && refusals.size > 0) refusals.delete(name);
	}

	async function explanationOf(c: Context<E>, plan: Plan | BypassReason): Promise<Explanation> {
		const told = { reached: true, policy: policy.name } as const;
		if (typeof plan === "string") return { ...told, bypass: plan };
		const { key, input, caller } = plan;
		const tagged = tags(c);
		const look = await cache.look(policy, key, tagged);
		const notStored = refusals.get(key.name);
		return {
			...told,
			key: key.name,
			// A copy: parts of it are shared by all who ask for the same.
			parts: { version: policy.version, caller, input: structuredClone(input) },
			tags: tagged,
			served: look.state === "fresh" || look.state === "stale",
			...(notStored && { notStored }),
			...look,
		};
	}
}

/** @throws {TypeError} where nobody is named: all of them would share. */
function identified(parts: readonly string[], policy: string): readonly string[] {
	if (parts.length > 0 && parts.every((part) => typeof part === "string" && part !== "")) return parts;
	throw new TypeError(`Cache policy "${policy}": the caller must be one or more texts that are not empty`);
}

const NO_TAGS: readonly string[] = [];
