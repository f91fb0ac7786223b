import { serializeList, Token } from "structured-headers";

/** Our name in the header's list of caches. */
const CACHE_NAME = "RetynAVM";

export type CacheStatusParameters = Record<string, string | number | true>;

/** One member of `Cache-Status` (RFC 9211): strings become tokens, as its `fwd` and our `detail` are. */
export function cacheStatus(parameters: CacheStatusParameters): string {
	const members = Object.entries(parameters).map(
		([name, value]) => [name, typeof value === "string" ? new Token(value) : value] as const,
	);
	return serializeList([[new Token(CACHE_NAME), new Map(members)]]);
}
