import type { Clock } from "./clock.ts";
import type { Entry, EntryCodec } from "./entry.ts";
import type { CacheListener, MissReason } from "./events.ts";
import { failureCause } from "./failure.ts";
import { type Freshness, freshness } from "./freshness.ts";
import type { CacheKey } from "./key.ts";
import type { Policy } from "./policy.ts";
import type { CacheStore, Coordination, Generations, StoreHit } from "./store.ts";
import { compareMarks, EVERYTHING, newMark, prefixTag } from "./tags.ts";

/** What the store holds for a key, and what it may be used for. */
export interface Found {
	readonly state: Exclude<Freshness, "expired"> | MissReason;
	/** Set where it may still be of use: fresh, stale or stale-if-error. */
	readonly entry?: Entry;
	readonly tier: string;
	/** The marks of all tags now. Absent when the store could not tell: what is filled then must not be stored. */
	readonly generations?: Generations;
}

export interface Lookup {
	find(policy: Policy, key: CacheKey, tags: readonly string[]): Promise<Found>;
	/** Judges bytes that came another way, by marks that were read before. */
	judge(policy: Policy, key: CacheKey, hit: StoreHit | undefined, generations: Generations): Found;
	/** The marks of the policy's and the request's tags now. @throws what the store threw */
	generations(policy: Policy, tags: readonly string[]): Promise<Generations>;
}

export interface LookupDeps {
	store: CacheStore;
	coordination: Coordination;
	codec: EntryCodec;
	clock: Clock;
	listener: CacheListener;
}

export function createLookup({ store, coordination, codec, clock, listener }: LookupDeps): Lookup {
	// A store in memory gives the same bytes again and again; they are read once. No key is under two names.
	const decoded = new WeakMap<Uint8Array, Entry>();

	function decode(name: string, bytes: Uint8Array): Entry | undefined {
		const known = decoded.get(bytes);
		if (known) return known;
		const entry = codec.decode(name, bytes);
		if (entry) decoded.set(bytes, entry);
		return entry;
	}

	function judge(policy: Policy, key: CacheKey, hit: StoreHit | undefined, generations: Generations): Found {
		const tier = hit?.tier ?? store.name;
		if (!hit) return { state: "none", tier, generations };
		const entry = decode(key.name, hit.value);
		if (entry?.digest !== key.digest || entry.policy !== policy.name) {
			return { state: "unreadable", tier, generations };
		}
		const marks = compareAll(entry.tags, generations);
		if (marks === "purged") return { state: "invalidated", tier, generations };
		// Expired by a tag: as if its time had just run out.
		const now = marks === "expired" ? Math.max(clock(), entry.freshUntil) : clock();
		const state = freshness(entry, now);
		if (state === "expired") return { state, tier, generations };
		return { state, entry, tier, generations };
	}

	async function generations(policy: Policy, tags: readonly string[]): Promise<Generations> {
		const all = allTags(policy, tags);
		return zip(all, await coordination.generations(all));
	}

	return {
		judge,
		generations,
		async find(policy, key, tags) {
			const all = allTags(policy, tags);
			try {
				// Both questions go out together, so that checking the tags costs no second trip.
				const [hit, marks] = await Promise.all([store.get(key.name), coordination.generations(all)]);
				return judge(policy, key, hit, zip(all, marks));
			} catch (error) {
				listener({
					type: "store-failed",
					operation: "read",
					store: store.name,
					cause: failureCause(error),
					error,
				});
				return { state: "store-failed", tier: store.name };
			}
		},
	};
}

function allTags(policy: Policy, tags: readonly string[]): string[] {
	return [EVERYTHING, prefixTag(policy.prefix), ...tags];
}

function zip(tags: readonly string[], marks: readonly string[]): Generations {
	// Without a prototype, so that no name of a tag means anything.
	const generations: Record<string, string> = Object.create(null);
	for (const [index, tag] of tags.entries()) generations[tag] = marks[index] ?? newMark();
	return generations;
}

function compareAll(captured: Generations, current: Generations): "same" | "expired" | "purged" {
	let result: "same" | "expired" = "same";
	for (const tag in current) {
		const mark = compareMarks(captured[tag], current[tag] ?? "");
		if (mark === "purged") return mark;
		if (mark === "expired") result = mark;
	}
	return result;
}
