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

declare const ALL: unique symbol;

/** All tags of an answer. Nothing else is taken for it: what lacks the policy's own could not be purged with the policy. */
export type AllTags = readonly string[] & { readonly [ALL]: true };

/**
 * What an answer of the policies with this key prefix carries, given the tags that its request names.
 *
 * @param last what this gave the last time: given again if it is the same, as texts that were looked up before are cheaper
 */
export function allTags(prefix: string, named: readonly string[], last?: AllTags): AllTags {
	if (last && endsWith(last, OWN_TAGS, named)) return last;
	return [EVERYTHING, prefixTag(prefix), ...named] as readonly string[] as AllTags;
}

/** How many the policy gives. */
const OWN_TAGS = 2;

/** Whether `all`, from `from` on, is `rest`. */
export function endsWith(all: readonly unknown[], from: number, rest: readonly unknown[]): boolean {
	if (all.length - from !== rest.length) return false;
	for (let i = 0; i < rest.length; i += 1) if (all[from + i] !== rest[i]) return false;
	return true;
}

function generationOf(mark: string): string {
	return mark.slice(0, Math.max(0, mark.indexOf("/")));
}

function randomWord(): string {
	return randomUUID().replaceAll("-", "").slice(0, 16);
}
