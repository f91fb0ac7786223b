import type { Policy } from "../policy.ts";
import { type Directives, deltaSeconds, parseCacheControl } from "./cache-control.ts";

/**
 * What clients, and caches on the way to them, may do with an entry that they are sent. Where callers sign in, a browser
 * asks again each time, so that signing out, revoking and purging hold. Otherwise all may keep it for its whole fresh
 * time, of which `Age` tells how much has gone (RFC 9111 section 4.2), or for as long as the handler allows if that is
 * less.
 *
 * @param said what the handler said
 * @param freshS the whole fresh time in seconds
 */
export function entryCacheControl(policy: Policy, said: string | undefined, freshS: number): string {
	const told = parseCacheControl(said);
	if (policy.audience === "signed-in") return forOneOnly(told);
	const maxAgeS = Math.min(freshS, deltaSeconds(told, "max-age") ?? freshS);
	return [`public, max-age=${maxAgeS}`, ...passedOn(told)].join(", ");
}

/** Makes an answer one that nobody but its asker may keep, and that they ask for again each time. */
export function restrict(headers: Headers): void {
	const told = parseCacheControl(headers.get("cache-control"));
	if (!told.has("no-store")) headers.set("Cache-Control", forOneOnly(told));
	for (const name of [...headers.keys()]) if (isTargeted(name)) headers.delete(name);
}

/** Whether some caches go by this header in place of `Cache-Control` (RFC 9213), so that it would not bind them. */
export function isTargeted(name: string): boolean {
	return /^(?:surrogate-control|(?:.+-)?cdn-cache-control)$/i.test(name);
}

/**
 * The request headers that select among the answers of a route: those in the key, and those that signing in goes by.
 *
 * @param validated see `validatedHeaders`
 */
export function variedBy(policy: Policy, validated: readonly string[]): string[] {
	return [
		"Accept-Encoding",
		...(policy.audience === "signed-in" ? ["Authorization", "Cookie"] : []),
		...policy.vary,
		...validated,
	];
}

/** Lists of header names as one, each name once, whatever its case. */
export function joinedNames(...lists: readonly string[]): string {
	const names = new Map<string, string>();
	for (const name of lists.flatMap((list) => list.split(",")).map((name) => name.trim())) {
		const known = name.toLowerCase();
		if (name !== "" && !names.has(known)) names.set(known, name);
	}
	return [...names.values()].join(", ");
}

function forOneOnly(told: Directives): string {
	return ["private, no-cache", ...passedOn(told)].join(", ");
}

/** What the handler demands of everybody who handles its answer. */
function passedOn(told: Directives): string[] {
	return ["must-revalidate", "proxy-revalidate", "no-transform"].filter((name) => told.has(name));
}
