import type { Answer } from "./answer.ts";
import { cacheKey } from "./key.ts";
import type { Policy } from "./policy.ts";
import { allTags } from "./tags.ts";
import type { Cache, WrapOptions } from "./types.ts";

/** Nothing to give, and too early or too late to work it out. */
export class CacheBusy extends Error {
	override readonly name = "CacheBusy";
	constructor(
		/** 503: it failed a moment ago. 504: it took too long. */
		readonly status: 503 | 504,
		/** Seconds. */
		readonly retryAfterS?: number,
	) {
		super(status === 503 ? "The last attempt failed; it is too early for another" : "It took too long");
	}
}

type Wrap = Cache["wrap"];

/** Any function behind the cache, its result kept as JSON. */
export function createWrap(cache: Pick<Cache, "serve" | "enabled">): Wrap {
	return async function wrap<T>(
		policy: Policy,
		input: unknown,
		fn: (signal: AbortSignal) => Promise<T>,
		{ tags = [], caller = [], keep, waitUntil }: WrapOptions<T> = {},
	): Promise<T> {
		if (policy.scope === "caller" && (caller.length === 0 || caller.includes(""))) {
			throw new TypeError(`Cache policy "${policy.name}": scope "caller" needs to be told who the caller is`);
		}
		if (!cache.enabled) return fn(new AbortController().signal);
		const { name, prefix, version } = policy;
		const served = await cache.serve<T>({
			policy,
			key: cacheKey({ policy: name, prefix, version, caller, input }),
			tags: allTags(prefix, tags),
			...(waitUntil && { waitUntil }),
			async fill(signal) {
				const result = await fn(signal);
				if (keep && !keep(result)) return { kind: "own", result, reason: "outgrown" };
				const answer = toAnswer(result);
				if (answer.length > policy.maxEntryBytes) return { kind: "own", result, reason: "too-large" };
				return { kind: "answer", answer, lifetime: { ttl: policy.ttl, mayBeStale: true } };
			},
		});
		switch (served.from) {
			case "entry":
				return JSON.parse(new TextDecoder().decode(served.entry.body)) as T;
			case "handler":
				return served.result;
			case "nothing":
				throw new CacheBusy(served.status, served.retryAfterS);
			case "failure":
				throw new TypeError("A function fails by throwing");
		}
	};
}

function toAnswer(result: unknown): Answer {
	const text = JSON.stringify(result);
	if (text === undefined) throw new TypeError("What is cached must be plain JSON");
	const body = new TextEncoder().encode(text);
	return { status: 200, headers: [["content-type", "application/json"]], body, length: body.byteLength };
}
