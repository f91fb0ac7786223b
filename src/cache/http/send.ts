import type { Context } from "hono";
import type { Policy } from "../policy.ts";

/**
 * Makes `response` the answer, with the headers that middleware before us has prepared. Hono itself would drop those
 * that were set by `c.header`, and `Set-Cookie` and `Vary` where both sides have one.
 */
export function send(c: Context, response: Response): void {
	const prepared = c.newResponse(null).headers;
	for (const [name, value] of prepared) {
		if (name === "set-cookie") response.headers.append(name, value);
		else if (name === "vary") addVary(response.headers, value.split(","));
		else if (!response.headers.has(name)) response.headers.set(name, value);
	}
	c.res = undefined;
	c.res = response;
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

/** What may be done with an answer that comes from no entry: no more than with one from an entry. */
export function restrict(headers: Headers, policy: Policy): void {
	const isStricter = /(^|[\s,])no-store\b/i.test(headers.get("cache-control") ?? "");
	if (policy.audience === "signed-in" && !isStricter) headers.set("Cache-Control", "private, no-cache");
}

/** The request headers that select among the answers of a route. */
export function variedBy(policy: Policy): string[] {
	return [
		"Accept-Encoding",
		...(policy.audience === "signed-in" ? ["Authorization", "Cookie"] : []),
		...policy.vary,
	];
}

export function addVary(headers: Headers, names: readonly string[]): void {
	const listed = (headers.get("vary") ?? "")
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");
	const known = new Set(listed.map((name) => name.toLowerCase()));
	for (const name of names.map((name) => name.trim())) {
		if (name === "" || known.has(name.toLowerCase())) continue;
		known.add(name.toLowerCase());
		listed.push(name);
	}
	headers.set("Vary", listed.join(", "));
}
