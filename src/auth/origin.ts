import type { Context } from "hono";

/** Where a request says that it comes from, going by what only a browser can set. */
type Provenance = "own-origin" | "elsewhere" | "untold";

/**
 * Reads `Sec-Fetch-Site` (W3C Fetch Metadata) and, where a browser does not send it, `Origin`.
 *
 * @param trustProxy whether `X-Forwarded-Proto` and `X-Forwarded-Host` name the origin that the browser saw
 */
export function provenance(c: Context, trustProxy: boolean): Provenance {
	const site = c.req.header("sec-fetch-site");
	// `none` is the user's own doing: the address bar, a bookmark.
	if (site !== undefined) return site === "same-origin" || site === "none" ? "own-origin" : "elsewhere";
	const origin = c.req.header("origin");
	if (origin === undefined) return "untold";
	const theirs = normal(origin);
	return theirs !== undefined && theirs === ownOrigin(c, trustProxy) ? "own-origin" : "elsewhere";
}

function ownOrigin(c: Context, trustProxy: boolean): string | undefined {
	const url = new URL(c.req.url);
	if (!trustProxy) return url.origin;
	const proto = first(c.req.header("x-forwarded-proto")) ?? url.protocol.slice(0, -1);
	const host = first(c.req.header("x-forwarded-host")) ?? url.host;
	return normal(`${proto}://${host}`);
}

function first(list: string | undefined): string | undefined {
	return list?.split(",")[0]?.trim() || undefined;
}

/** Lower case, without a default port. Undefined for `null` and anything else that is no http(s) origin. */
function normal(origin: string): string | undefined {
	const url = URL.canParse(origin) ? new URL(origin) : undefined;
	return url?.protocol === "http:" || url?.protocol === "https:" ? url.origin : undefined;
}
