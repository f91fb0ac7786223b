import { serializeList, Token } from "structured-headers";
import type { BypassReason, MissReason } from "../events.ts";
import type { Served } from "../types.ts";

/** Our name in the header's list of caches. */
const CACHE_NAME = "RetynAVM";

/** How an answer came about, as one member of `Cache-Status` (RFC 9211). `key` shows to whoever reads the answer. */
export function cacheStatusOf<R>(served: Served<R>, { key }: { key?: string } = {}): string {
	// On every hit, so not through the serializer: a number needs none.
	if (served.from === "entry" && served.outcome === "hit" && key === undefined) {
		return `${CACHE_NAME};hit;ttl=${served.ttlS}`;
	}
	return write({ ...parametersOf(served), ...(key !== undefined && { key }) });
}

/** The same for a request for which the cache was not asked. */
export function bypassStatus(reason: BypassReason): string {
	return write({ fwd: new Token("bypass"), detail: new Token(reason) });
}

type Parameters = Record<string, Token | string | number | true>;

function parametersOf<R>(served: Served<R>): Parameters {
	switch (served.from) {
		case "entry":
			return ofEntry(served);
		case "handler":
			return { fwd: forwarded(served.missed), detail: new Token(served.detail) };
		case "failure":
			return {
				fwd: forwarded(served.missed),
				"fwd-status": served.answer.status,
				...(served.collapsed && { collapsed: true as const }),
			};
		case "nothing":
			// Only where time ran out did anybody set out to ask the handler.
			if (served.why === "timed-out") return { fwd: new Token("miss"), detail: new Token(served.why) };
			return { detail: new Token(served.why) };
	}
}

function ofEntry<R>(served: Served<R> & { from: "entry" }): Parameters {
	const { outcome, entry, ttlS, collapsed, stored, detail, failedWith, missed } = served;
	const told = {
		...(stored && !collapsed && { stored: true as const }),
		...(collapsed && { collapsed: true as const }),
		...(detail !== undefined && { detail: new Token(detail) }),
	};
	switch (outcome) {
		case "hit":
			return { hit: true, ttl: ttlS };
		case "stale":
			if (failedWith === undefined) return { hit: true, ttl: ttlS };
			return { fwd: new Token("stale"), "fwd-status": failedWith };
		case "revalidated":
			return { fwd: forwarded(missed ?? "expired"), "fwd-status": entry.status, ...told };
		case "miss":
			return { fwd: forwarded(missed ?? "none"), ...told };
	}
}

/** RFC 9211 section 2.2: what we had, or could see, when the handler was asked. */
function forwarded(missed: MissReason): Token {
	return new Token(FORWARDED[missed]);
}

const FORWARDED: Record<MissReason, string> = {
	none: "uri-miss",
	expired: "stale",
	invalidated: "uri-miss",
	unreadable: "uri-miss",
	// The request did not want what there was.
	renewed: "request",
	// Whether there was something could not be seen.
	"store-failed": "miss",
};

function write(parameters: Parameters): string {
	return serializeList([[new Token(CACHE_NAME), new Map(Object.entries(parameters))]]);
}
