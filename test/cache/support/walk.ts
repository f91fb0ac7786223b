import type { EntrySummary } from "../../../src/cache/inspection.ts";
import type { Inspection } from "../../../src/cache/store.ts";
import type { Cache } from "../../../src/cache/types.ts";

/** All pages of a list from the first, or from a cursor, to the last. */
export async function pagesOf(
	inspection: Inspection,
	prefix: string,
	limit: number,
	from?: string,
): Promise<(readonly string[])[]> {
	const pages: (readonly string[])[] = [];
	let cursor = from;
	do {
		const { keys, cursor: next } = await inspection.list(prefix, { cursor, limit });
		pages.push(keys);
		cursor = next;
	} while (cursor !== undefined);
	return pages;
}

/** All names on all pages, each once and in order. */
export async function namesIn(inspection: Inspection, prefix: string, limit = 100): Promise<string[]> {
	return [...new Set((await pagesOf(inspection, prefix, limit)).flat())].sort();
}

/** All entries on all pages, each once: a page of a busy store may be empty without being the last. */
export async function entriesIn(cache: Cache, prefix: string, limit = 100): Promise<EntrySummary[]> {
	const found = new Map<string, EntrySummary>();
	let cursor: string | undefined;
	do {
		const page = await cache.entries(prefix, { cursor, limit });
		for (const entry of page.entries) found.set(entry.key, entry);
		cursor = page.cursor;
	} while (cursor !== undefined);
	return [...found.values()];
}
