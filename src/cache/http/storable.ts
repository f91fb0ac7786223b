import type { Lifetime } from "../answer.ts";
import { KEPT_STATUSES } from "../entry.ts";
import type { RefusalReason } from "../events.ts";
import type { Policy } from "../policy.ts";
import { type Directives, deltaSeconds, parseCacheControl } from "./cache-control.ts";
import { httpDate } from "./conditional.ts";

/** What of an answer decides whether it may be stored. */
export interface Judged {
	readonly status: number;
	readonly headers: Headers;
	/** Request headers that are in the key besides those of the policy, in lower case. */
	readonly varyKnown: ReadonlySet<string>;
	/** What `Expires` is measured from where the answer has no `Date`; milliseconds since the epoch. */
	readonly now?: number;
}

export type Judgement =
	| { readonly store: true; readonly lifetime: Lifetime }
	| { readonly store: false; readonly reason: RefusalReason };

/** Whether an answer may be stored, and for how long (RFC 9111 sections 3, 4.2.1 and 5.2.2). */
export function judge(policy: Policy, answer: Judged): Judgement {
	const { status, headers } = answer;
	if (!KEPT_STATUSES.has(status)) return refuse("status");
	if (isEventStream(headers)) return refuse("event-stream");
	if (headers.has("set-cookie")) return refuse("set-cookie");
	const directives = parseCacheControl(headers.get("cache-control"));
	// Also with an argument: which fields it means is not told apart.
	if (FORBIDDING.some((name) => directives.has(name))) return refuse("cache-control");
	const ttl = freshTime(policy, directives, answer);
	if (ttl <= 0) return refuse("cache-control");
	if (!variesByKey(policy, answer)) return refuse("vary");
	if (!/^\s*(?:identity|gzip|x-gzip)?\s*$/i.test(headers.get("content-encoding") ?? "")) {
		return refuse("content-encoding");
	}
	return { store: true, lifetime: { ttl, mayBeStale: !NEVER_STALE.some((name) => directives.has(name)) } };
}

/** Sent bit by bit without an end: never read whole, never shared. */
export function isEventStream(headers: Headers): boolean {
	return /^\s*text\/event-stream\s*(?:;|$)/i.test(headers.get("content-type") ?? "");
}

const FORBIDDING = ["no-store", "no-cache", "private"] as const;

/** RFC 9111 sections 5.2.2.2, 5.2.2.8 and 5.2.2.10. */
const NEVER_STALE = ["must-revalidate", "proxy-revalidate", "s-maxage"] as const;

/** The origin may shorten what the policy gives; lengthen it only where the policy says so. Seconds. */
function freshTime(policy: Policy, directives: Directives, { headers, now }: Judged): number {
	const told =
		deltaSeconds(directives, "s-maxage") ?? deltaSeconds(directives, "max-age") ?? untilExpires(headers, now);
	if (told === undefined) return policy.ttl;
	// An answer that the handler had from another cache has spent part of its time there.
	const age = headers.get("age") ?? "";
	const left = told - (/^\d+$/.test(age) ? Number(age) : 0);
	return policy.honourOrigin ? left : Math.min(left, policy.ttl);
}

/** RFC 9111 section 5.3: a date that is none, above all `0`, is in the past. */
function untilExpires(headers: Headers, now = Number.NaN): number | undefined {
	const expires = headers.get("expires");
	if (expires === null) return undefined;
	const at = httpDate(expires);
	if (Number.isNaN(at)) return 0;
	const date = httpDate(headers.get("date") ?? "");
	const seconds = Math.floor((at - (Number.isNaN(date) ? now : date)) / 1000);
	return Number.isNaN(seconds) ? undefined : seconds;
}

function variesByKey(policy: Policy, { headers, varyKnown }: Judged): boolean {
	const names = (headers.get("vary") ?? "").toLowerCase().split(",");
	return names
		.map((name) => name.trim())
		.every(
			(name) =>
				name === "" ||
				name === "accept-encoding" ||
				varyKnown.has(name) ||
				policy.vary.includes(name) ||
				(policy.scope === "caller" && (name === "authorization" || name === "cookie")),
		);
}

function refuse(reason: RefusalReason): Judgement {
	return { store: false, reason };
}
