import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";

/** Marks of tags as a shared store gave them a moment ago. */
export interface MarkTable {
	/** The marks in the order asked for, if each is known and young enough. */
	all(tags: readonly string[]): string[] | undefined;
	/** `askedAt`: when the store was asked for them. */
	keep(tags: readonly string[], marks: readonly string[], askedAt: number): void;
	drop(tags: readonly string[]): void;
	clear(): void;
}

/** @param maxTags those least recently used are forgotten first, and asked for again */
export function createMarkTable(clock: Clock, maxAgeMs: number, maxTags = 10_000): MarkTable {
	const table = new LRUCache<string, { readonly mark: string; readonly askedAt: number }>({ max: maxTags });

	return {
		all(tags) {
			const now = clock();
			const found: string[] = [];
			for (const tag of tags) {
				const known = table.get(tag);
				// Asked for later than now: the clock was set back, and the mark's age is not known.
				if (!known || known.askedAt > now || now - known.askedAt >= maxAgeMs) return undefined;
				found.push(known.mark);
			}
			return found;
		},
		keep(tags, marks, askedAt) {
			for (const [index, tag] of tags.entries()) {
				const mark = marks[index];
				if (mark !== undefined) table.set(tag, { mark, askedAt });
			}
		},
		drop(tags) {
			for (const tag of tags) table.delete(tag);
		},
		clear: () => table.clear(),
	};
}
