import type { Invalidation } from "./store.ts";
import { EVERYTHING } from "./tags.ts";

/** What to purge, expire and evict. */
export interface Purges {
	readonly tags?: readonly string[];
	readonly expired?: readonly string[];
	readonly keys?: readonly string[];
}

/** Purges, each once and with the time of its last mention; when they become too many, one of everything. */
export interface PurgeSet {
	readonly size: number;
	add(purges: Purges, at: number): void;
	addAll(other: PurgeSet): void;
	/** They have been made. */
	remove(purges: Purges): void;
	/** Forgets what was last mentioned before then. */
	dropBefore(at: number): void;
	tags(how: Invalidation): string[];
	keys(): string[];
	/** Hands out each with its time, for `addAll`. */
	each(visit: (purges: Purges, at: number) => void): void;
}

export function createPurgeSet(max: number): PurgeSet {
	const tags = new Map<string, { readonly how: Invalidation; readonly at: number }>();
	const keys = new Map<string, number>();

	function addTag(tag: string, how: Invalidation, at: number): void {
		const known = tags.get(tag);
		tags.set(tag, {
			how: known?.how === "purge" ? "purge" : how,
			at: Math.max(at, known?.at ?? at),
		});
	}

	function tagsOf(how: Invalidation): string[] {
		return [...tags].filter(([, known]) => known.how === how).map(([tag]) => tag);
	}

	const set: PurgeSet = {
		get size() {
			return tags.size + keys.size;
		},
		add(purges, at) {
			for (const tag of purges.tags ?? []) addTag(tag, "purge", at);
			for (const tag of purges.expired ?? []) addTag(tag, "expire", at);
			for (const key of purges.keys ?? []) keys.set(key, Math.max(at, keys.get(key) ?? at));
			if (set.size <= max) return;
			tags.clear();
			keys.clear();
			addTag(EVERYTHING, "purge", at);
		},
		addAll(other) {
			other.each(set.add);
		},
		remove(purges) {
			for (const tag of [...(purges.tags ?? []), ...(purges.expired ?? [])]) tags.delete(tag);
			for (const key of purges.keys ?? []) keys.delete(key);
		},
		dropBefore(at) {
			for (const [tag, known] of tags) if (known.at < at) tags.delete(tag);
			for (const [key, last] of keys) if (last < at) keys.delete(key);
		},
		tags: tagsOf,
		keys: () => [...keys.keys()],
		each(visit) {
			for (const [tag, { how, at }] of tags)
				visit(how === "purge" ? { tags: [tag] } : { expired: [tag] }, at);
			for (const [key, at] of keys) visit({ keys: [key] }, at);
		},
	};
	return set;
}
