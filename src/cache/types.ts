import type { Filled } from "./answer.ts";
import type { Clock } from "./clock.ts";
import type { Entry } from "./entry.ts";
import type { CacheListener, MissReason, RefusalReason } from "./events.ts";
import type { Inspectable } from "./inspection.ts";
import type { CacheKey } from "./key.ts";
import type { Policy, PolicyOptions } from "./policy.ts";
import type { Awaitable, CacheStore } from "./store.ts";
import type { AllTags } from "./tags.ts";

export interface CacheDeps {
	/** A store with a wire under it must be `guarded`: what bounds the time of its answers. */
	store: CacheStore;
	clock: Clock;
	/** Hears every event; what it throws is ignored. */
	listener?: CacheListener;
	/** Uniform in [0, 1), for jitter and early refresh; hand in a seeded one to repeat a run. */
	random?: () => number;
	/** Bound on all that one request waits for the store before its handler runs, in milliseconds. Default 50. */
	storeBudgetMs?: number;
	/**
	 * Refreshes under way at once in this process, behind stale and early answers: where much expires together, whoever
	 * waits for a first answer must not queue behind them. What finds no room is refreshed when it is asked for again.
	 * Default 4.
	 */
	maxRefreshes?: number | undefined;
	/** Entries are signed with the first and accepted with any: one during rotation, two. Unsigned ones are then misses. */
	signingKeys?: readonly string[];
	/** The HTTP status that an error of a handler stands for; below 500 it is an answer, not a failure. Default: its `status`, or 500. */
	statusOf?: (error: unknown) => number;
	/** Names the key in `Cache-Status`, and makes handlers throw that read what is not in the key. Default false. */
	debug?: boolean;
}

/** One request, in terms of no framework. */
export interface Ask<R> {
	readonly policy: Policy;
	readonly key: CacheKey;
	readonly tags: AllTags;
	/** Works the answer out. Runs at most once for all who ask; `signal` aborts when nobody waits any more. */
	fill(signal: AbortSignal): Promise<Filled<R>>;
	/** Called before somebody's own request makes the handler run; throws to refuse it. Not for refreshes. */
	admit?(): void | Promise<void>;
	/** Works the answer out anew although there is a fresh one. */
	readonly renew?: boolean;
	/** Answers from the cache or not at all (504). */
	readonly onlyIfCached?: boolean;
	/** Nobody asks but the service itself: what it finds is neither a hit nor a miss of anybody's. */
	readonly warming?: boolean;
	/** Keeps the platform from ending before background work has. What it throws is ignored: the work goes on anyway. */
	waitUntil?(work: Promise<unknown>): void;
}

/**
 * What to answer. An error that the handler threw is thrown at everybody who waited for it.
 */
export type Served<R> =
	/** From an entry: one that was stored, or one just made. */
	| {
			readonly from: "entry";
			readonly outcome: "hit" | "stale" | "miss" | "revalidated";
			readonly entry: Entry;
			/** Whole seconds. */
			readonly ageS: number;
			/** Whole seconds; negative once stale. */
			readonly ttlS: number;
			/** Somebody else's fill. */
			readonly collapsed: boolean;
			readonly stored: boolean;
			/** Why the store could not be asked, or the answer was not stored. */
			readonly detail?: RefusalReason;
			/** What filling anew failed with, for a stale answer in its place. */
			readonly failedWith?: number;
			readonly missed?: MissReason;
	  }
	/** The handler's own answer, for this caller alone. */
	| {
			readonly from: "handler";
			readonly result: R;
			readonly detail: RefusalReason;
			readonly missed: MissReason;
	  }
	/** The handler answered 500 or above, to all who waited. */
	| {
			readonly from: "failure";
			readonly answer: Filled<R> & { kind: "failed" };
			readonly collapsed: boolean;
			readonly missed: MissReason;
	  }
	/** Nothing: `busy` too early for another attempt, `timed-out`, or `only-if-cached` and there is none. */
	| {
			readonly from: "nothing";
			readonly why: "busy" | "timed-out" | "only-if-cached";
			readonly status: 503 | 504;
			readonly retryAfterS?: number;
	  };

/** What to purge. */
export type Purge =
	| { readonly tags: readonly string[] }
	/** All entries of the policies with this prefix, now and of fills under way. */
	| { readonly prefix: string }
	| { readonly policy: string }
	| { readonly keys: readonly string[] }
	| { readonly everything: true };

/** What a purge did. */
export interface Purged {
	/** Whose entries are void now. */
	readonly tags: number;
	/** Entries that were there and are gone, for purges by key. */
	readonly keys: number;
}

/** What `explain` finds out. */
export interface Look {
	readonly state: "fresh" | "stale" | "stale-if-error" | "expired" | MissReason;
	readonly entry?: Entry;
	readonly tier?: string;
	readonly ageS?: number;
	readonly ttlS?: number;
}

/** The cache without a web framework. Failures of the store are misses, never errors; only purges tell of them. */
export interface Cache extends Inspectable {
	/** False when the store keeps nothing. */
	readonly enabled: boolean;
	readonly debug: boolean;
	readonly clock: Clock;
	/** The HTTP status that an error of a handler stands for. */
	readonly statusOf: (error: unknown) => number;
	/** Checks a policy and takes its name. @throws {TypeError} on nonsense, or a name that is taken. */
	register(options: PolicyOptions): Policy;
	/**
	 * Lookup, then serve, revalidate or fill. At once for what is fresh, or stale, in memory. @throws (rejects) what the
	 * handler threw.
	 */
	serve<R>(ask: Ask<R>): Awaitable<Served<R>>;
	/** What is stored under a key now, without changing or counting anything. */
	look(policy: Policy, key: CacheKey, tags: readonly string[]): Promise<Look>;
	/** The same for any function whose result is plain JSON. @throws what it threw, or `CacheBusy`. */
	wrap<T>(
		policy: Policy,
		input: unknown,
		fn: (signal: AbortSignal) => Promise<T>,
		options?: WrapOptions<T>,
	): Promise<T>;
	/** @throws {PurgePending} or what the store threw: whoever purges must know. */
	purge(what: Purge): Promise<Purged>;
	/** Entries with any of these tags are stale from now on: still given where the policy allows it. @throws as `purge`. */
	expire(tags: readonly string[]): Promise<Purged>;
	/** Resolves when no fill, refresh or write is under way. */
	settled(): Promise<void>;
	readonly emit: CacheListener;
}

export interface WrapOptions<T = unknown> {
	tags?: readonly string[];
	/** For policies of scope `caller`. */
	caller?: readonly string[];
	/** False for a result that is to be given to this caller alone: it was made of what has changed meanwhile. */
	keep?(result: T): boolean;
	waitUntil?(work: Promise<unknown>): void;
}
