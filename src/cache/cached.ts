import type { Context, Env, ExecutionContext, MiddlewareHandler, Next } from "hono";
import { LRUCache } from "lru-cache";
import type { BypassReason, RefusalReason } from "./events.ts";
import { parseCacheControl } from "./http/cache-control.ts";
import { bypassStatus, cacheStatusOf } from "./http/cache-status.ts";
import { collect } from "./http/collect.ts";
import { createDelivery, NotAdmitted, type Unavailable } from "./http/deliver.ts";
import { Undecodable } from "./http/encoding.ts";
import { type Explanation, explaining } from "./http/explain.ts";
import { type Chain, runIsolated } from "./http/isolate.ts";
import { type KeyedInput, keyedHeaders, keyedInput, validatedHeaders } from "./http/keyed-input.ts";
import { createRespond } from "./http/respond.ts";
import { send } from "./http/send.ts";
import { type CacheKey, cacheKey } from "./key.ts";
import type { PolicyOptions } from "./policy.ts";
import type { Ask, Cache, Served } from "./types.ts";

export interface CachedOptions<E extends Env> {
	/** What the answer depends on, known before the handler runs; purging any of them voids the entry. */
	tags?: (c: Context<E>) => readonly string[];
	/** Who asks, for policies of scope `caller`: for example user id and role version. Never empty. */
	caller?: (c: Context<E>) => readonly string[];
	/**
	 * Called before a caller's own request makes the handler run, also past the cache; throws to refuse it. Not called when
	 * the store is off or fails: that must not make a caller look greedy. While a promise of it is awaited, others who ask
	 * for the same are asked for admission as well.
	 */
	admit?: (c: Context<E>) => void | Promise<void>;
	/**
	 * Variables of the context that the handler is given. One answer is for all who share the key: name only what is the
	 * same for them all, or, with scope `caller`, what follows from the caller.
	 */
	passes?: readonly VariableName<E>[];
	/** Who may have an answer worked out anew by `Cache-Control: no-cache`. Default: nobody. */
	mayRenew?: (c: Context<E>) => boolean | Promise<boolean>;
	/** What is answered when there is nothing to give. Default: throws an `HTTPException`. */
	unavailable?: (c: Context<E>, what: Unavailable) => Response | Promise<Response>;
}

/** Any string where the environment does not declare its variables. */
type VariableName<E extends Env> = [keyof NonNullable<E["Variables"]>] extends [never]
	? string
	: Extract<keyof NonNullable<E["Variables"]>, string>;

interface Plan {
	readonly key: CacheKey;
	readonly input: KeyedInput;
	readonly caller: readonly string[];
}

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
	const { tags = () => [], caller, admit, passes = [], mayRenew } = options;
	if (policy.scope === "caller" && !caller) {
		throw new TypeError(`Cache policy "${policy.name}": scope "caller" needs to be told who the caller is`);
	}
	const deliver = createDelivery(policy, cache.statusOf, options.unavailable);
	const respond = createRespond(policy);
	const refusals = new LRUCache<string, RefusalReason>({ max: REMEMBERED_REFUSALS });

	return async function cached(c, next): Promise<Response | undefined> {
		const { routeIndex } = c.req;
		const plan = await planFor(c, routeIndex);
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
		await answer(c, plan, askFor(c, plan, routeIndex, { renew, onlyIfCached }));
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

	async function planFor(c: Context<E>, routeIndex: number): Promise<Plan | BypassReason> {
		if (!cache.enabled) return "cache-off";
		const input = await keyedInput(c as Context, routeIndex, policy.vary);
		if (typeof input === "string") return input;
		const { name, prefix, version } = policy;
		const parts = policy.scope === "caller" && caller ? identified(caller(c), name) : [];
		try {
			return { key: cacheKey({ policy: name, prefix, version, caller: parts, input }), input, caller: parts };
		} catch {
			// Validated to something that is no plain value, like an uploaded file.
			return "body-not-keyed";
		}
	}

	function askFor(
		c: Context<E>,
		{ key, input }: Plan,
		routeIndex: number,
		wishes: Pick<Ask<Response>, "renew" | "onlyIfCached">,
	): Ask<Response> {
		const chain: Chain = { routeIndex, passes, ...(cache.debug && { guard: { policy: policy.name } }) };
		return {
			policy,
			key,
			tags: tags(c),
			...wishes,
			async fill(signal) {
				const response = await runIsolated(c as Context, chain, input, signal);
				return collect(response, { policy, varyKnown: keyedHeaders(input), now: cache.clock(), signal });
			},
			...(admit && {
				// At once where it can be: in the meantime others with the same key would ask for admission too.
				admit() {
					try {
						return admit(c)?.catch(refuse);
					} catch (error) {
						return refuse(error);
					}
				},
			}),
			waitUntil: (work) => waitUntil(c, work),
		};
	}

	async function answer(c: Context<E>, plan: Plan, ask: Ask<Response>): Promise<void> {
		let served: Served<Response>;
		try {
			served = await cache.serve(ask);
		} catch (error) {
			return deliver.thrown(c, error);
		}
		remember(plan.key, served);
		const cacheStatus = cacheStatusOf(served, cache.debug ? { key: plan.key.name } : {});
		switch (served.from) {
			case "entry":
				try {
					const { entry, ageS } = served;
					const told = { validated: validatedHeaders(c as Context), ageS, cacheStatus };
					return send(c as Context, await respond(entry, c.req.raw, told));
				} catch (error) {
					if (!(error instanceof Undecodable) || ask.renew) throw error;
					return answer(c, plan, { ...ask, renew: true });
				}
			case "handler":
				return deliver.own(c, served.result, cacheStatus);
			case "failure":
				return deliver.failure(c, served, cacheStatus);
			case "nothing":
				return deliver.nothing(c, served, cacheStatus);
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
			parts: { version: policy.version, caller, input },
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

/** Looks for the execution context only now: on a platform without one, looking costs an error. */
function waitUntil(c: Context, work: Promise<unknown>): void {
	let executionCtx: ExecutionContext;
	try {
		executionCtx = c.executionCtx;
	} catch {
		return;
	}
	executionCtx.waitUntil(work);
}

function refuse(error: unknown): never {
	throw new NotAdmitted(error);
}
