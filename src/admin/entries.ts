import type { Context } from "hono";
import { z } from "zod";
import type { Cache, EntryDetail, EntrySummary, UnreadableEntry } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";
import { answer, fromStore } from "./answer.ts";
import { nothingAsked, pageLimit, plainText, readQuery } from "./input.ts";

const pageAsked = z.strictObject({
	prefix: plainText(512).default(""),
	cursor: plainText(1_000).optional(),
	limit: pageLimit,
});

/** GET /cache/entries — a page of what is stored. Bodies are never shown. */
export function entriesRoute(cache: Cache) {
	return async function entries(c: Context<AppEnv>): Promise<Response> {
		const { prefix, ...page } = readQuery(c, pageAsked);
		const found = await fromStore(cache.entries(prefix, page));
		return answer(c, {
			entries: found.entries.map(describeSummary),
			next_cursor: found.cursor ?? null,
		});
	};
}

/** GET /cache/entries/:key — all that is known of one entry, but its body. */
export function entryRoute(cache: Cache) {
	return async function entry(c: Context<AppEnv>): Promise<Response> {
		readQuery(c, nothingAsked);
		const key = c.req.param("key") ?? "";
		const found = await fromStore(cache.entry(key));
		if (!found) {
			throw new Problem("not-found", {
				detail: `Nothing is stored under the key ${JSON.stringify(key.slice(0, 200))}.`,
			});
		}
		return answer(c, { entry: "unreadable" in found ? describeUnreadable(found) : describeDetail(found) });
	};
}

export type EntrySummaryBody = ReturnType<typeof describeSummary>;

function describeSummary({ key, policy, bytes, storedAt, ageS, ttlS, keptS }: EntrySummary) {
	return {
		key,
		policy: policy ?? null,
		bytes,
		stored_at: storedAt === undefined ? null : instant(storedAt),
		age_s: ageS ?? null,
		ttl_s: ttlS ?? null,
		kept_s: keptS ?? null,
	};
}

function describeDetail(entry: EntryDetail) {
	return {
		key: entry.key,
		state: entry.state,
		policy: entry.policy,
		status: entry.status,
		headers: Object.fromEntries(entry.headers),
		tags: entry.tags,
		coding: entry.coding ?? null,
		/** Of the body before compression. */
		length: entry.length,
		bytes: entry.bytes,
		stored_at: instant(entry.storedAt),
		fresh_until: instant(entry.freshUntil),
		stale_until: instant(entry.staleUntil),
		stale_if_error_until: instant(entry.staleIfErrorUntil),
		age_s: entry.ageS,
		ttl_s: entry.ttlS,
		kept_s: entry.keptS ?? null,
		fill_ms: entry.fillMs,
	};
}

/** What no lookup would take for an entry. */
function describeUnreadable({ key, bytes, keptS }: UnreadableEntry) {
	return { key, state: "unreadable", bytes, kept_s: keptS ?? null };
}

/** What somebody else wrote may name an instant that there is not. */
function instant(ms: number): string | null {
	const date = new Date(ms);
	return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
