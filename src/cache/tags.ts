import { randomUUID } from "node:crypto";

/**
 * A tag's mark is two random words: `generation/staleness`. Purging replaces both, expiring only the second. Nothing is
 * compared but equality, so no clocks have to agree, and a mark that was lost never matches an entry again.
 */
export function newMark(): string {
	return `${randomWord()}/${randomWord()}`;
}

/** The mark after its tag was expired. */
export function expiredMark(mark: string): string {
	return `${generationOf(mark)}/${randomWord()}`;
}

/** What became of an entry that carries `captured` while its tag's mark is `current`. */
export function compareMarks(captured: string | undefined, current: string): "same" | "expired" | "purged" {
	if (captured === current) return "same";
	return captured !== undefined && generationOf(captured) === generationOf(current) ? "expired" : "purged";
}

/** The marks, if all could be told. @throws why one could not */
export function allKnown(marks: readonly (string | Error)[]): string[] {
	return marks.map((mark) => {
		if (mark instanceof Error) throw mark;
		return mark;
	});
}

/** Carried by every entry: purging it empties the cache. */
export const EVERYTHING = "*";

/** Carried by every entry of the policies with this key prefix. */
export function prefixTag(prefix: string): string {
	return `prefix:${prefix}`;
}

function generationOf(mark: string): string {
	return mark.slice(0, Math.max(0, mark.indexOf("/")));
}

function randomWord(): string {
	return randomUUID().replaceAll("-", "").slice(0, 16);
}
