import type { Context, Env } from "hono";
import type { Filled } from "../answer.ts";
import type { CacheKey } from "../key.ts";
import type { Policy } from "../policy.ts";
import type { AllTags } from "../tags.ts";
import type { Ask, Cache } from "../types.ts";
import { isWarming } from "../warm.ts";
import { collect } from "./collect.ts";
import { NotAdmitted, type Unavailable } from "./deliver.ts";
import { type Chain, runIsolated } from "./isolate.ts";
import { keyedHeaders } from "./keyed-input.ts";
import type { Plan } from "./plan.ts";

export interface CachedOptions<E extends Env> {
	/** What the answer depends on, known before the handler runs; purging any of them voids the entry. Only reads. */
	tags?: (c: Context<E>) => readonly string[];
	/** Who asks, for policies of scope `caller`: for example user id and role version. Never empty. Only reads. */
	caller?: (c: Context<E>) => readonly string[];
	/**
	 * Called before a caller's own request makes the handler run, also past the cache; throws to refuse it. Not called when
	 * the store is off or fails: that must not make a caller look greedy. While a promise of it is awaited, others who ask
	 * for the same wait: they share its answer unasked, or, where it is refused, are asked themselves.
	 */
	admit?: (c: Context<E>) => void | Promise<void>;
	/**
	 * Variables of the context that the handler is given. One answer is for all who share the key: name only what is the
	 * same for them all, or, with scope `caller`, what follows from the caller.
	 */
	passes?: readonly VariableName<E>[];
	/** Who may have an answer worked out anew by `Cache-Control: no-cache`. Default: nobody. Only reads. */
	mayRenew?: (c: Context<E>) => boolean | Promise<boolean>;
	/** What is answered when there is nothing to give. Default: throws an `HTTPException`. */
	unavailable?: (c: Context<E>, what: Unavailable) => Response | Promise<Response>;
}

/** Any string where the environment does not declare its variables. */
type VariableName<E extends Env> = [keyof NonNullable<E["Variables"]>] extends [never]
	? string
	: Extract<keyof NonNullable<E["Variables"]>, string>;

/** What is the same for all requests of a cached route. */
export interface CachedRoute<E extends Env> {
	readonly cache: Cache;
	readonly policy: Policy;
	readonly options: CachedOptions<E>;
}

/** One request of a cached route, as the engine understands it. A class: there is one for each hit, which needs little of it. */
export class RequestAsk<E extends Env> implements Ask<Response> {
	readonly policy: Policy;
	readonly key: CacheKey;

	constructor(
		readonly route: CachedRoute<E>,
		readonly c: Context<E>,
		/** Place of the middleware in the matched chain. */
		readonly routeIndex: number,
		readonly plan: Plan,
		readonly tags: AllTags,
		readonly onlyIfCached: boolean,
		readonly renew: boolean,
		/** Nobody has had a hand in the answer's headers: nothing ran before the middleware, nor does anything around it. */
		readonly isFirst: boolean,
	) {
		this.policy = route.policy;
		this.key = plan.key;
	}

	get warming(): boolean {
		return isWarming(this.c as Context);
	}

	renewed(): RequestAsk<E> {
		return new RequestAsk(
			this.route,
			this.c,
			this.routeIndex,
			this.plan,
			this.tags,
			this.onlyIfCached,
			true,
			this.isFirst,
		);
	}

	async fill(signal: AbortSignal): Promise<Filled<Response>> {
		const { cache, policy, options } = this.route;
		const { passes = [] } = options;
		const { input } = this.plan;
		const guard = cache.debug && { guard: { policy: policy.name } };
		const chain: Chain = { routeIndex: this.routeIndex, passes, ...guard };
		const response = await runIsolated(this.c as Context, chain, input, signal);
		return collect(response, { policy, varyKnown: keyedHeaders(input), now: cache.clock(), signal });
	}

	/** At once where it can be: then nobody has to wait to see what becomes of it. */
	admit(): void | Promise<void> {
		try {
			return this.route.options.admit?.(this.c)?.catch(refuse);
		} catch (error) {
			return refuse(error);
		}
	}

	/** Throws on a platform without an execution context, so it is looked for only now. */
	waitUntil(work: Promise<unknown>): void {
		this.c.executionCtx.waitUntil(work);
	}
}

function refuse(error: unknown): never {
	throw new NotAdmitted(error);
}
