import type { Context } from "hono";
import { type KeyedInput, keyedHeaders } from "./keyed-input.ts";

/** A handler behind `cached()` read something that is not part of the key. Thrown in debug mode only. */
export class UnkeyedRead extends Error {
	override readonly name = "UnkeyedRead";
}

/**
 * Makes an isolated context throw where its handler reads what it was not given, and say how to key it. Without this
 * such reads find nothing, which is safe but hard to see.
 */
export function guardUnkeyed(
	isolated: Context,
	original: Context,
	input: KeyedInput,
	passes: readonly string[],
	policy: string,
): void {
	const refuse = (what: string, how: string): never => {
		throw new UnkeyedRead(
			`The handler of the cached route "${policy}" reads ${what}, which is not part of the key: ${how}.`,
		);
	};
	guardVariables(isolated, original, passes, refuse);
	guardHeaders(isolated.req.raw, input, refuse);
	if (!input.query) guardQuery(isolated, original, input, refuse);
	if (!input.body) guardBody(isolated.req.raw, input, refuse);
}

type Refuse = (what: string, how: string) => never;

function guardVariables(
	isolated: Context,
	original: Context,
	passes: readonly string[],
	refuse: Refuse,
): void {
	const hidden = new Set(Object.keys(original.var).filter((name) => !passes.includes(name)));
	const check = (name: unknown): void => {
		// What a handler of the isolated chain has set itself is its own.
		if (typeof name !== "string" || !hidden.has(name) || own.has(name)) return;
		refuse(
			`the variable "${name}"`,
			'name it in "passes" if the answer does not depend on it, or key it by scope "caller"',
		);
	};
	const own = new Set<unknown>();
	const { get, set } = isolated;
	Object.defineProperty(isolated, "set", {
		value: (name: string, value: unknown) => {
			own.add(name);
			set(name, value);
		},
	});
	Object.defineProperty(isolated, "get", {
		value: (name: string) => {
			check(name);
			return get(name);
		},
	});
	Object.defineProperty(isolated, "var", {
		get: () =>
			new Proxy({} as Record<string, unknown>, {
				get(_, name) {
					check(name);
					return typeof name === "string" ? get(name) : undefined;
				},
			}),
	});
}

function guardHeaders(request: Request, input: KeyedInput, refuse: Refuse): void {
	const keyed = new Set([...Object.keys(input.headers), ...keyedHeaders(input)]);
	const { headers } = request;
	const named = (read: (name: string) => unknown) => (name: string) => {
		if (!keyed.has(name.toLowerCase())) refuse(`the header "${name}"`, howToKeyHeader(name));
		return read.call(headers, name);
	};
	const all = () =>
		refuse("all headers at once", 'read those by name that are in the policy\'s "vary" or validated');
	const guarded = {
		get: named(headers.get),
		has: named(headers.has),
		...Object.fromEntries(
			["forEach", "entries", "keys", "values", Symbol.iterator].map((name) => [name, all]),
		),
	};
	for (const name of Reflect.ownKeys(guarded)) {
		Object.defineProperty(headers, name, { value: guarded[name as keyof typeof guarded] });
	}
	Object.defineProperty(request, "headers", { value: headers });
}

function howToKeyHeader(name: string): string {
	switch (name.toLowerCase()) {
		case "authorization":
			return 'who asks is known before cached(): use scope "caller"';
		case "cookie":
			return 'validate the cookie before cached(), or use scope "caller" where it says who asks';
		case "accept-encoding":
			return "the cache compresses answers itself";
		default:
			return 'name it in the policy\'s "vary", or validate it before cached()';
	}
}

function guardQuery(isolated: Context, original: Context, input: KeyedInput, refuse: Refuse): void {
	const how =
		"query" in input.validated
			? 'read c.req.valid("query"), which is'
			: "validate the query before cached(), as the rest of the input is";
	const named = (name?: string) =>
		refuse(name === undefined ? "the query" : `the query parameter "${name}"`, how);
	Object.defineProperty(isolated.req, "query", { value: named });
	Object.defineProperty(isolated.req, "queries", { value: named });
	if (!original.req.url.includes("?")) return;
	const address = { get: () => refuse("the address with its query", how) };
	Object.defineProperty(isolated.req, "url", address);
	Object.defineProperty(isolated.req.raw, "url", address);
}

function guardBody(request: Request, input: KeyedInput, refuse: Refuse): void {
	const target = ["json", "form"].find((name) => name in input.validated);
	const how = target
		? `read c.req.valid("${target}"), which is`
		: "a body is keyed with POST, and where it is JSON of at most 64 KiB";
	const read = () => refuse("the raw body", how);
	for (const name of ["json", "text", "arrayBuffer", "bytes", "blob", "formData"]) {
		Object.defineProperty(request, name, { value: read });
	}
	Object.defineProperty(request, "body", { get: read });
}
