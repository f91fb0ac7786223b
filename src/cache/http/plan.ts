import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import type { RouterRoute } from "hono/types";
import { LRUCache } from "lru-cache";
import type { BypassReason } from "../events.ts";
import { type CacheKey, cacheKey, canonicalText } from "../key.ts";
import type { Policy } from "../policy.ts";
import type { Awaitable } from "../store.ts";
import { type AllTags, allTags, endsWith } from "../tags.ts";
import {
	type KeyedAddress,
	type KeyedInput,
	keyedAddress,
	keyedMethod,
	unkeyedReason,
	validatedInput,
	variedHeaders,
} from "./keyed-input.ts";
import { keyedBody } from "./raw-body.ts";

/** What one request comes to: its key, and all that a handler may see of it. */
export interface Plan {
	readonly key: CacheKey;
	readonly caller: readonly string[];
	readonly input: KeyedInput;
	/** What is registered at the middleware's place: itself, or what it is wrapped in. */
	readonly registered: RouterRoute["handler"] | undefined;
	/** All that the answer carries, given the tags that this request names. */
	tagsWith(named: readonly string[]): AllTags;
}

/** The plan of a request, or why it has none. At once, but where a body has to be read. */
export type Planner = (c: Context, routeIndex: number) => Awaitable<Plan | BypassReason>;

/** Requests of one route whose keys are remembered. */
const REMEMBERED = 1_000;
/** Longer ones are worked out each time. */
const MAX_TEXT = 2_000;

/** What of a request is not the address. */
interface Given extends Pick<KeyedInput, "validated" | "headers" | "body"> {
	readonly caller: readonly string[];
}

/** Shared by requests with one text. Their validated values are equal too, but each has its own. */
interface Made {
	readonly path: string;
	readonly chain: readonly RouterRoute[];
	readonly address: KeyedAddress;
	readonly key: CacheKey;
	readonly prefix: string;
	/** Of the last of these requests: mostly the same again. */
	tags: AllTags | undefined;
}

/**
 * Makes keys and remembers the last ones: taking an address apart and hashing is most of what a hit would cost. What is
 * remembered goes by a text of all that the key is made of, so it is never another request's.
 *
 * @param identify names the caller, where the policy's scope is one caller
 */
export function createPlanner(policy: Policy, identify?: (c: Context) => readonly string[]): Planner {
	const { name, prefix, version, vary } = policy;
	const remembered = new LRUCache<string, Made>({ max: REMEMBERED });

	return function plan(c, routeIndex) {
		const unkeyed = unkeyedReason(c);
		if (unkeyed) return unkeyed;
		const validated = validatedInput(c);
		const headers = variedHeaders(c, vary);
		const hasBody = keyedMethod(c) !== "GET" && !("json" in validated || "form" in validated);
		if (hasBody) return planBody(c, routeIndex, { validated, headers });
		return planKnown(c, routeIndex, { validated, headers, caller: callerOf(c) });
	};

	/** Who goes past the cache for want of a key need not be anybody. */
	async function planBody(
		c: Context,
		routeIndex: number,
		others: Omit<Given, "caller">,
	): Promise<Plan | BypassReason> {
		const body = await keyedBody(c);
		if (!body) return "body-not-keyed";
		return planKnown(c, routeIndex, { ...others, body, caller: callerOf(c) });
	}

	function callerOf(c: Context): readonly string[] {
		return identify && policy.scope === "caller" ? identify(c) : NOBODY;
	}

	function planKnown(c: Context, routeIndex: number, given: Given): Plan | BypassReason {
		const matched = matchedRoutes(c);
		try {
			const text = textOf(c, given);
			const known = remembered.get(text);
			if (known && known.path === c.req.path && endsWith(matched, routeIndex, known.chain)) {
				return new MadePlan(known, given);
			}
			const made = make(c, matched.slice(routeIndex), routeIndex, given);
			if (text.length <= MAX_TEXT) remembered.set(text, made);
			return new MadePlan(made, given);
		} catch {
			// Validated to something that is no plain value, like an uploaded file.
			return "body-not-keyed";
		}
	}

	function make(c: Context, chain: readonly RouterRoute[], routeIndex: number, given: Given): Made {
		const { caller, ...others } = given;
		const address = keyedAddress(c, chain, routeIndex, given.validated, vary);
		const input: KeyedInput = { ...address, ...others };
		return {
			path: c.req.path,
			chain,
			address,
			key: cacheKey({ policy: name, prefix, version, caller, input }),
			prefix,
			tags: undefined,
		};
	}
}

const NOBODY: readonly string[] = [];

/** Equal for no two requests that could have different keys, but for the path, as an application may read it anew. */
function textOf(c: Context, { caller, validated, headers, body }: Given): string {
	const { url } = c.req;
	const method = keyedMethod(c);
	const isPlain = caller.length === 0 && !body && isEmpty(validated) && isEmpty(headers);
	// The usual case makes no new text.
	if (isPlain && method === "GET") return url;
	return canonicalText([method, url, caller, validated, headers, body]);
}

function isEmpty(record: object): boolean {
	for (const _ in record) return false;
	return true;
}

/** The input is put together when it is asked for: a hit never does. */
class MadePlan implements Plan {
	readonly key: CacheKey;
	readonly registered: RouterRoute["handler"] | undefined;
	readonly #made: Made;
	readonly #given: Given;

	constructor(made: Made, given: Given) {
		this.key = made.key;
		this.registered = made.chain[0]?.handler;
		this.#made = made;
		this.#given = given;
	}

	tagsWith(named: readonly string[]): AllTags {
		const made = this.#made;
		made.tags = allTags(made.prefix, named, made.tags);
		return made.tags;
	}

	get caller(): readonly string[] {
		return this.#given.caller;
	}

	get input(): KeyedInput {
		const { caller: _, ...others } = this.#given;
		return { ...this.#made.address, ...others };
	}
}
