import type { Filled } from "../../../src/cache/answer.ts";
import { createCache } from "../../../src/cache/engine.ts";
import type { CacheEvent } from "../../../src/cache/events.ts";
import { cacheKey } from "../../../src/cache/key.ts";
import type { Policy, PolicyOptions } from "../../../src/cache/policy.ts";
import type { CacheStore } from "../../../src/cache/store.ts";
import { createMemoryStore } from "../../../src/cache/stores/memory.ts";
import { allTags } from "../../../src/cache/tags.ts";
import type { Ask, Cache, CacheDeps, Served } from "../../../src/cache/types.ts";
import { createTestClock, type TestClock } from "./clock.ts";

export type Fill = (run: number, signal: AbortSignal) => Promise<Filled<string>> | Filled<string>;

export interface TestEngine {
	readonly cache: Cache;
	readonly clock: TestClock;
	readonly policy: Policy;
	readonly events: CacheEvent[];
	readonly store: CacheStore;
	/** How often the handler ran. */
	runs(): number;
	/** What the handler does from now on. */
	does(fill: Fill): void;
	ask(input?: unknown, extra?: TestAsk): Promise<Served<string>>;
	/** Asks and waits until nothing is under way; what was answered, in short: `stale run 1`. */
	tell(input?: unknown, extra?: TestAsk): Promise<string>;
}

/** `tags`: what the request names. */
export interface TestAsk extends Partial<Omit<Ask<string>, "tags">> {
	tags?: readonly string[];
}

export interface TestEngineOptions extends Partial<Omit<CacheDeps, "listener" | "clock">> {
	policy?: Partial<PolicyOptions>;
	clock?: TestClock;
	tags?: readonly string[];
}

/** An engine over a memory store, with one policy and a handler that counts its runs. */
export function createTestEngine({
	policy: options,
	tags = [],
	...deps
}: TestEngineOptions = {}): TestEngine {
	const clock = deps.clock ?? createTestClock();
	const events: CacheEvent[] = [];
	const store = deps.store ?? createMemoryStore({ clock, maxBytes: 4 * 1024 * 1024 });
	const cache = createCache({ ...deps, store, clock, listener: (event) => events.push(event) });
	const policy = cache.register({ name: "things", prefix: "things:", ttl: 60, scope: "shared", ...options });
	let runs = 0;
	let fill: Fill = (run) => text(`run ${run}`);

	async function ask(
		input: unknown = "x",
		{ tags: named = tags, ...extra }: TestAsk = {},
	): Promise<Served<string>> {
		const { name, prefix, version } = policy;
		return cache.serve<string>({
			policy,
			key: cacheKey({ policy: name, prefix, version, caller: [], input }),
			tags: allTags(policy.prefix, named),
			async fill(signal) {
				runs += 1;
				return fill(runs, signal);
			},
			...extra,
		});
	}

	return {
		cache,
		clock,
		policy,
		events,
		store,
		runs: () => runs,
		does(next) {
			fill = next;
		},
		ask,
		async tell(input, extra) {
			const told = await ask(input, extra).then(inShort, (error: Error) => `threw ${error.message}`);
			await cache.settled();
			return told;
		},
	};
}

/** An answer that may be stored for the policy's 60 s, unless told otherwise. */
export function text(body: string, lifetime: { ttl?: number; mayBeStale?: boolean } = {}): Filled<string> {
	const bytes = new TextEncoder().encode(body);
	return {
		kind: "answer",
		answer: { status: 200, headers: [["content-type", "text/plain"]], body: bytes, length: bytes.byteLength },
		lifetime: { ttl: 60, mayBeStale: true, ...lifetime },
	};
}

/** What a handler that answers 503 comes to. */
export function failing(status = 503): Filled<string> {
	return { kind: "failed", status, answer: { status, headers: [], body: new Uint8Array(), length: 0 } };
}

export function bodyOf(served: Served<string>): string {
	return served.from === "entry" ? new TextDecoder().decode(served.entry.body) : `(${served.from})`;
}

export function inShort(served: Served<string>): string {
	switch (served.from) {
		case "entry":
			return `${served.outcome} ${bodyOf(served)}`;
		case "handler":
			return `own ${served.result}`;
		case "failure":
			return `failed ${served.answer.status}`;
		case "nothing":
			return `${served.why} ${served.status}`;
	}
}
