import type { Context } from "hono";
import { type Cache, type Explanation, explain } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import type { Inside } from "../http/inside.ts";
import { answer } from "./answer.ts";

export interface ExplainDeps {
	cache: Cache;
	/** Answers what the server itself asks. */
	inside: Inside;
}

/**
 * The routes behind which the cache stands. It is the cache that keeps a handler from running for an explanation, so no
 * other is asked: a new one is to be added here.
 */
const CACHED_ROUTES: readonly (readonly [method: "GET" | "POST", path: RegExp])[] = [
	["GET", /^\/api\/areas\/[^/]+$/],
	["GET", /^\/api\/property-types\/[^/]+$/],
	["GET", /^\/api\/property\/valuation\/accuracy$/],
	["POST", /^\/api\/property\/valuation$/],
];

/** What the cache would do with a request, and why. No handler runs, nothing is stored and nothing counted. */
export function createExplain({ cache, inside }: ExplainDeps) {
	return async function explained(c: Context<AppEnv>, request: Request): Promise<Response> {
		if (!isCached(request)) {
			return answer(c, {
				reached: false,
				status: null,
				why: "No cached route has this method and path, so it was not asked: its answers are never kept.",
			});
		}
		let why: string | undefined;
		const explanation = await explain(async (asked, env) => {
			const response = await inside(asked, env);
			if (response.status >= 400) why = await detailOf(response);
			return response;
		}, request);
		if (!explanation.reached) return answer(c, { ...explanation, why: why ?? null });
		return answer(c, await describe(explanation, cache));
	};
}

function isCached(request: Request): boolean {
	const method = request.method === "HEAD" ? "GET" : request.method;
	const { pathname } = new URL(request.url);
	return CACHED_ROUTES.some(([of, path]) => of === method && path.test(pathname));
}

async function describe(explanation: Extract<Explanation, { reached: true }>, cache: Cache) {
	const { policy } = explanation;
	if ("bypass" in explanation) return { reached: true, policy, bypass: explanation.bypass, served: false };
	const { key, parts, tags, served, state, entry, tier, ageS, ttlS, notStored } = explanation;
	return {
		reached: true,
		policy,
		key,
		parts,
		tags,
		state,
		/** Whether it would be answered from the cache at once. */
		served,
		tier: tier ?? null,
		age_s: ageS ?? null,
		ttl_s: ttlS ?? null,
		stored_bytes: entry ? await storedBytes(cache, key) : null,
		fill_ms: entry?.fillMs ?? null,
		/** Why this instance did not store the last answer that it had for this key. */
		not_stored: notStored ?? null,
	};
}

async function storedBytes(cache: Cache, key: string): Promise<number | null> {
	const found = await cache.entry(key).catch(() => undefined);
	return found?.bytes ?? null;
}

/** The sentence of a problem. */
async function detailOf(response: Response): Promise<string | undefined> {
	const body: unknown = await response
		.clone()
		.json()
		.catch(() => undefined);
	return body && typeof body === "object" && "detail" in body ? String(body.detail) : undefined;
}
