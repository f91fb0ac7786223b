import type { Context, ValidationTargets } from "hono";
import type { RouterRoute } from "hono/types";
import type { BypassReason } from "../events.ts";
import type { KeyedBody } from "./raw-body.ts";

const TARGETS = [
	"param",
	"query",
	"header",
	"cookie",
	"json",
	"form",
] as const satisfies (keyof ValidationTargets)[];

export type Target = (typeof TARGETS)[number];

export type Validated = Readonly<Partial<Record<Target, unknown>>>;

/** What is keyed of a request's address. */
export interface KeyedAddress {
	readonly method: string;
	/** Path patterns from this middleware to the end of the chain: they name the handlers that will run. */
	readonly routes: readonly string[];
	/** As it was sent; absent where the path parameters were validated. */
	readonly path?: string;
	/** Names and values in the order of names; only where nothing was validated. */
	readonly query?: readonly (readonly [name: string, value: string])[];
	/** Path parameters that the schema for them does not mention, for each of `routes`. */
	readonly otherParams?: readonly Readonly<Record<string, string>>[];
	/** Scheme, host and port; only where the policy varies by `Host`. */
	readonly origin?: string;
}

/**
 * All of a request that a cached handler may see, as plain values. It is what keys are made of and what the isolated
 * request is rebuilt from, so handlers cannot tell apart two requests that share a key.
 */
export interface KeyedInput extends KeyedAddress {
	readonly validated: Validated;
	/** The headers that the policy varies by; null for one that was not sent. */
	readonly headers: Readonly<Record<string, string | null>>;
	/** A JSON body that nobody validated. */
	readonly body?: KeyedBody;
}

/** Methods whose answers can be kept: the safe ones, and POST where a route says so by being cached. */
const KEYED_METHODS = new Set(["GET", "HEAD", "POST", "QUERY"]);

/** Why a request cannot have a key, whatever its input. */
export function unkeyedReason({ req }: Context): BypassReason | undefined {
	if (!KEYED_METHODS.has(req.method)) return "method";
	// RFC 9110 section 14.2: Range means something with GET only.
	return req.method === "GET" && req.header("range") !== undefined ? "range" : undefined;
}

/** HEAD has the headers of GET, and so its key. */
export function keyedMethod({ req }: Context): string {
	return req.method === "HEAD" ? "GET" : req.method;
}

/** @param chain the routes that are matched, from this middleware's own on */
export function keyedAddress(
	c: Context,
	chain: readonly RouterRoute[],
	routeIndex: number,
	validated: Validated,
	vary: readonly string[],
): KeyedAddress {
	const routes = chain.map(({ path }) => path);
	// The part of the path below a wildcard is no parameter, so no schema has seen it.
	const byParams = "param" in validated && !routes[0]?.includes("*");
	return {
		method: keyedMethod(c),
		routes,
		...(byParams
			? { otherParams: otherParams(c, routeIndex, routes.length, validated.param) }
			: { path: c.req.path }),
		...(Object.keys(validated).length === 0 && { query: rawQuery(c.req.url) }),
		...(vary.includes("host") && { origin: new URL(c.req.url).origin }),
	};
}

/** The headers that a policy varies by, as they were sent. */
export function variedHeaders(c: Context, vary: readonly string[]): KeyedInput["headers"] {
	if (vary.length === 0) return NO_HEADERS;
	return Object.fromEntries(vary.map((name) => [name, c.req.header(name) ?? null]));
}

const NOTHING_VALIDATED: Validated = Object.freeze({});
const NO_HEADERS: KeyedInput["headers"] = Object.freeze({});

/** The request headers that are keyed besides those that the policy names, in lower case. */
export function keyedHeaders({ validated, body }: KeyedInput): Set<string> {
	const names = Object.keys((validated.header as object | undefined) ?? {});
	return new Set([...names.map((name) => name.toLowerCase()), ...(body ? ["content-type"] : [])]);
}

/** The request headers that were validated and so are keyed, besides those that the policy names. */
export function validatedHeaders(c: Context): string[] {
	const read = c.req.valid as (target: Target) => unknown;
	const names = Object.keys(read.call(c.req, "header") ?? {});
	return read.call(c.req, "cookie") === undefined ? names : [...names, "Cookie"];
}

/** The path parameters as they are matched for each of `count` routes of the chain, from `routeIndex` on. */
export function paramsByRoute(c: Context, routeIndex: number, count: number): Record<string, string>[] {
	const current = c.req.routeIndex;
	const params: Record<string, string>[] = [];
	for (let offset = 0; offset < count; offset += 1) {
		c.req.routeIndex = routeIndex + offset;
		params.push(c.req.param());
	}
	c.req.routeIndex = current;
	return params;
}

/** What validators before this middleware have made of the request. */
export function validatedInput(c: Context): Validated {
	const read = c.req.valid as (target: Target) => unknown;
	let validated: Partial<Record<Target, unknown>> | undefined;
	for (const target of TARGETS) {
		const value = read.call(c.req, target);
		if (value === undefined) continue;
		validated ??= {};
		validated[target] = value;
	}
	return validated ?? NOTHING_VALIDATED;
}

function otherParams(
	c: Context,
	routeIndex: number,
	count: number,
	validated: unknown,
): Record<string, string>[] {
	const known = typeof validated === "object" && validated !== null ? validated : {};
	return paramsByRoute(c, routeIndex, count).map((params) =>
		Object.fromEntries(Object.entries(params).filter(([name]) => !Object.hasOwn(known, name))),
	);
}

function rawQuery(url: string): [string, string][] {
	const start = url.indexOf("?");
	if (start < 0) return [];
	const end = url.indexOf("#", start);
	const query = [...new URLSearchParams(url.slice(start + 1, end < 0 ? undefined : end))];
	// The sort is stable: values of one name stay in their order.
	return query.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
