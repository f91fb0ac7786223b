import { createHash } from "node:crypto";
import type { Answer } from "../answer.ts";

/**
 * The strong entity tag of a body before compression: equal for equal bytes. A strong tag that the handler chose is
 * kept (RFC 9110 section 8.8.3).
 */
export function entityTag(plain: Uint8Array, chosen?: string | null): string {
	if (chosen && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(chosen)) return chosen;
	return `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
}

/** The tag of one encoding: other bytes need another tag (RFC 9110 section 8.8.3.3). */
export function encodedTag(etag: string, coding: Answer["coding"]): string {
	return coding ? `${etag.slice(0, -1)}-${coding === "gzip" ? "gz" : coding}"` : etag;
}

/** What a client that already has the answer would be sent. */
export interface Selected {
	readonly status: number;
	/** Of the encoding that it would get. */
	readonly etag?: string | undefined;
	readonly lastModified?: string | undefined;
}

/**
 * Whether the client has the answer already, so that 304 will do (RFC 9110 section 13.2.2). Conditions count for GET
 * and HEAD only, and only where the answer would otherwise be a success (section 13.2.1).
 */
export function notModified(
	method: string,
	request: Headers,
	{ status, etag, lastModified }: Selected,
): boolean {
	if (method !== "GET" && method !== "HEAD") return false;
	if (status < 200 || status > 299) return false;
	const ifNoneMatch = request.get("if-none-match");
	if (ifNoneMatch !== null) return matches(ifNoneMatch, etag);
	if (lastModified === undefined) return false;
	const since = request.get("if-modified-since");
	return since !== null && httpDate(lastModified) <= httpDate(since);
}

/** By weak comparison (RFC 9110 section 13.1.2): whether either tag is marked as weak does not count. */
function matches(ifNoneMatch: string, etag: string | undefined): boolean {
	if (ifNoneMatch === etag || ifNoneMatch.trim() === "*") return true;
	for (const [, tag] of ifNoneMatch.matchAll(/("[\x21\x23-\x7e\x80-\xff]*")/g)) {
		if (tag === etag) return true;
	}
	return false;
}

/** Milliseconds, or NaN, which is neither before nor after anything. All three forms of RFC 9110 section 5.6.7. */
export function httpDate(value: string): number {
	if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return Number.NaN;
	// The oldest form names no zone and means this one.
	return Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
}
