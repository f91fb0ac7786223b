import type { RefusalReason } from "../events.ts";

/** Why this answer may not be stored, or undefined when it may (RFC 9111 section 3). */
export function whyNotStorable(response: Response): RefusalReason | undefined {
	if (response.status !== 200) return "status";
	if (response.headers.has("set-cookie")) return "set-cookie";
	// RFC 9111 section 5.2.2: what the handler forbids, no policy allows.
	if (/\b(no-store|no-cache|private)\b/i.test(response.headers.get("cache-control") ?? ""))
		return "cache-control";
	return undefined;
}
