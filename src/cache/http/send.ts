import type { Context } from "hono";
import { joinedNames, restrict } from "./client-caching.ts";

/**
 * Makes `response` the answer, with the headers that middleware before us has prepared. Hono itself would drop those
 * that were set by `c.header`, and `Set-Cookie` and `Vary` where both sides have one.
 *
 * @param isFirst whether this is the first middleware of the chain
 */
export function send(c: Context, response: Response, isFirst = false): void {
	// Before the first in the chain there was nobody to prepare any, and looking for them costs a response.
	if (!isFirst) addPrepared(c, response.headers);
	c.res = undefined;
	c.res = response;
}

function addPrepared(c: Context, headers: Headers): void {
	const prepared = c.newResponse(null).headers;
	for (const [name, value] of prepared) {
		if (name === "set-cookie") headers.append(name, value);
		else if (name === "vary") headers.set(name, joinedNames(headers.get(name) ?? "", value));
		else if (!headers.has(name)) headers.set(name, value);
	}
	// A cookie is the asker's own, also where the rest is public: no cache on the way may keep it (RFC 9111 section 7.3).
	if (headers.has("set-cookie")) restrict(headers);
}

/** The headers of the answer that stands, or that is still to come, ready to be changed. */
export function pendingHeaders(c: Context): Headers {
	const current = c.res;
	const response = changeable(current);
	if (response !== current) {
		c.res = undefined;
		c.res = response;
	}
	return response.headers;
}

/** The response itself, or a copy where its headers cannot be changed, as with what `fetch` answered. */
export function changeable(response: Response): Response {
	try {
		response.headers.delete("Cache-Status");
		return response;
	} catch {
		return new Response(response.body, response);
	}
}
