import type { Clock } from "./clock.ts";
import { rememberingDecoder } from "./decoded.ts";
import type { Entry, EntryCodec } from "./entry.ts";
import type { CacheListener, MissReason } from "./events.ts";
import { failureCause } from "./failure.ts";
import { type Freshness, freshness } from "./freshness.ts";
import type { CacheKey } from "./key.ts";
import type { Policy } from "./policy.ts";
import type { Awaitable, CacheStore, Coordination, Generations, ReadTogether, StoreHit } from "./store.ts";
import { type AllTags, allKnown, compareMarks, newMark } from "./tags.ts";

/** What the store holds for a key, and what it may be used for. */
export interface Found {
	readonly state: Exclude<Freshness, "expired"> | MissReason;
	/** When it was judged. */
	readonly at: number;
	/** Set where it may still be of use: fresh, stale or stale-if-error. */
	readonly entry?: Entry | undefined;
	readonly tier: string;
	/** The marks of all tags now. Absent when the store could not tell: what is filled then must not be stored. */
	readonly generations?: Generations | undefined;
}

export interface Lookup {
	/** Never rejects: a store that fails is a miss. At once where the store answers at once. */
	find(policy: Policy, key: CacheKey, tags: AllTags): Awaitable<Found>;
	/** Judges bytes that came another way, by marks that were read before. */
	judge(policy: Policy, key: CacheKey, hit: StoreHit | undefined, generations: Generations): Found;
	/** The marks of the tags now. @throws what the store threw */
	generations(tags: AllTags): Promise<Generations>;
}

export interface LookupDeps {
	store: CacheStore;
	coordination: Coordination;
	codec: EntryCodec;
	clock: Clock;
	listener: CacheListener;
}

export function createLookup({ store, coordination, codec, clock, listener }: LookupDeps): Lookup {
	const decode = rememberingDecoder(codec);

	function judge(
		policy: Policy,
		key: CacheKey,
		hit: StoreHit | undefined,
		tags: readonly string[],
		marks: readonly string[],
	): Found {
		const now = clock();
		const tier = hit?.tier ?? store.name;
		if (!hit) return new Looked("none", now, tier, tags, marks);
		const entry = decode(key.name, hit.value);
		if (entry?.digest !== key.digest || entry.policy !== policy.name) {
			return new Looked("unreadable", now, tier, tags, marks);
		}
		const state = stateOf(entry, tags, marks, now);
		const isOfUse = state !== "expired" && state !== "invalidated";
		return new Looked(state, now, tier, tags, marks, isOfUse ? entry : undefined);
	}

	async function findTogether(
		policy: Policy,
		key: CacheKey,
		tags: readonly string[],
		reading: Promise<ReadTogether>,
	): Promise<Found> {
		try {
			const { hits, marks } = await reading;
			return judge(policy, key, hits[0], tags, allKnown(marks));
		} catch (error) {
			return failed(error);
		}
	}

	async function findLater(
		policy: Policy,
		key: CacheKey,
		tags: readonly string[],
		asked: readonly [Awaitable<StoreHit | undefined>, Awaitable<readonly string[]>],
	): Promise<Found> {
		try {
			const [hit, marks] = await Promise.all(asked);
			return judge(policy, key, hit, tags, marks);
		} catch (error) {
			return failed(error);
		}
	}

	/** @throws what the store threw; what was asked before is then nobody's any more */
	function marksBeside(asked: Awaitable<unknown>, tags: AllTags): Awaitable<readonly string[]> {
		try {
			return coordination.generations(tags);
		} catch (error) {
			if (asked instanceof Promise) asked.catch(() => {});
			throw error;
		}
	}

	function failed(error: unknown): Found {
		listener({
			type: "store-failed",
			operation: "read",
			store: store.name,
			cause: failureCause(error),
			error,
		});
		return { state: "store-failed", at: clock(), tier: store.name };
	}

	return {
		judge: (policy, key, hit, generations) =>
			judge(policy, key, hit, Object.keys(generations), Object.values(generations)),
		async generations(tags) {
			return zip(tags, await coordination.generations(tags));
		},
		find(policy, key, tags) {
			try {
				if (coordination.readTogether) {
					return findTogether(policy, key, tags, coordination.readTogether([key.name], tags));
				}
				// Both questions go out together, so that checking the tags costs no second trip.
				const hit = store.get(key.name);
				const marks = marksBeside(hit, tags);
				if (hit instanceof Promise || marks instanceof Promise) {
					return findLater(policy, key, tags, [hit, marks]);
				}
				return judge(policy, key, hit, tags, marks);
			} catch (error) {
				return failed(error);
			}
		},
	};
}

/** The record of marks is made when it is asked for: a hit never does. */
class Looked implements Found {
	readonly #tags: readonly string[];
	readonly #marks: readonly string[];
	#generations: Generations | undefined;

	constructor(
		readonly state: Found["state"],
		readonly at: number,
		readonly tier: string,
		tags: readonly string[],
		marks: readonly string[],
		readonly entry?: Entry,
	) {
		this.#tags = tags;
		this.#marks = marks;
	}

	get generations(): Generations {
		this.#generations ??= zip(this.#tags, this.#marks);
		return this.#generations;
	}
}

function zip(tags: readonly string[], marks: readonly string[]): Generations {
	// Without a prototype, so that no name of a tag means anything.
	const generations: Record<string, string> = Object.create(null);
	for (const [index, tag] of tags.entries()) generations[tag] = marks[index] ?? newMark();
	return generations;
}

/** What an entry may be used for by its time and its tags, whose marks are `marks` now. */
export function stateOf(
	entry: Entry,
	tags: readonly string[],
	marks: readonly string[],
	now: number,
): Freshness | "invalidated" {
	const compared = compareAll(entry.tags, tags, marks);
	if (compared === "purged") return "invalidated";
	// Expired by a tag: as if its time had just run out.
	return freshness(entry, compared === "expired" ? Math.max(now, entry.freshUntil) : now);
}

/** What became of an entry with the marks `captured`. */
function compareAll(
	captured: Generations,
	tags: readonly string[],
	marks: readonly string[],
): "same" | "expired" | "purged" {
	let result: "same" | "expired" = "same";
	for (let i = 0; i < tags.length; i += 1) {
		const before = captured[tags[i] ?? ""];
		const now = marks[i] ?? "";
		if (before === now) continue;
		if (compareMarks(before, now) === "purged") return "purged";
		result = "expired";
	}
	return result;
}
