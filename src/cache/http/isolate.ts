import type { Context, Env, ExecutionContext, Handler, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { RouterRoute } from "hono/types";
import { COMPOSED_HANDLER } from "hono/utils/constants";
import { guardUnkeyed } from "./dev-guard.ts";
import { type KeyedInput, paramsByRoute } from "./keyed-input.ts";

/** The part of the matched chain behind one middleware, and what it needs besides the request. */
export interface Chain {
	/** Place of the middleware in the matched chain. */
	readonly routeIndex: number;
	/** Names of the context's variables that are handed on. */
	readonly passes: readonly string[];
	/** Named in what is thrown when a handler reads what is not keyed; without it that finds nothing. */
	readonly guard?: { readonly policy: string };
}

/** A handler behind `cached()` answered `c.notFound()`: the application's own answer belongs to the asker's context. */
export class NotFound extends Error {
	override readonly name = "NotFound";
	readonly status = 404;
}

/** Stands for the host where it is not keyed. */
const NO_ORIGIN = "http://localhost";

/**
 * Runs the handlers behind a middleware on a request that is rebuilt from keyed input, in a context of its own: what
 * they answer can be given to everybody whose request has the same key, and ends with `signal` alone.
 *
 * @throws what a handler threw: error handlers of applications see it in the context of each who asked.
 */
export async function runIsolated(
	c: Context,
	chain: Chain,
	input: KeyedInput,
	signal: AbortSignal,
): Promise<Response> {
	const [own, ...rest] = matchedRoutes(c).slice(chain.routeIndex);
	const depth = wrappings(own?.handler);
	const handlers = rest.map(({ handler }) => unwrapped(handler, depth));
	const params = keyedParams(c, chain.routeIndex, input);
	const IsolatedContext = c.constructor as typeof Context;
	const isolated = new IsolatedContext(keyedRequest(input, params[0] ?? {}, signal), {
		env: c.env,
		executionCtx: executionCtxOf(c),
		path: keyedPath(input, params[0] ?? {}),
		// Hono decodes parameters when they are read.
		matchResult: [rest.map((route, i) => [[handlers[i] as Handler, route], encoded(params[i + 1] ?? {})])],
		notFoundHandler: () => {
			throw new NotFound("There is nothing under this address");
		},
	});
	nameTextType(isolated);
	for (const [target, value] of Object.entries(input.validated)) {
		isolated.req.addValidatedData(target as "json", value as object);
	}
	for (const name of chain.passes) isolated.set(name, c.get(name));
	if (chain.guard) guardUnkeyed(isolated, c, input, chain.passes, chain.guard.policy);
	try {
		return await dispatchAll(isolated, handlers);
	} catch (error) {
		await makeRepeatable(error);
		throw error;
	}
}

/**
 * Bun gives a text without a type one only when it is sent, where nobody can see it; by the Fetch standard ("extract a
 * body") it has one from the start.
 */
function nameTextType(c: Context): void {
	for (const name of ["text", "body", "newResponse"] as const) {
		const make = c[name] as (data: unknown, ...rest: unknown[]) => Response;
		const makeTyped = (data: unknown, ...rest: unknown[]): Response => {
			const response = make(data, ...rest);
			const isUntyped = typeof data === "string" && !response.headers.has("content-type");
			if (isUntyped) response.headers.set("Content-Type", "text/plain;charset=UTF-8");
			return response;
		};
		Object.defineProperty(c, name, { value: makeTyped });
	}
}

/** What Hono's own chain does, but for errors, which are left to the chain around this one. */
async function dispatchAll(c: Context, handlers: readonly MiddlewareHandler[]): Promise<Response> {
	let last = -1;
	await dispatch(0);
	if (!c.finalized) throw new Error("No handler behind cached() has answered");
	return c.res;

	async function dispatch(i: number): Promise<void> {
		if (i <= last) throw new Error("next() was called more than once");
		last = i;
		const handler = handlers[i];
		if (!handler) {
			if (!c.finalized) c.res = await c.notFound();
			return;
		}
		c.req.routeIndex = i;
		const response = await handler(c, () => dispatch(i + 1));
		if (response && !c.finalized) c.res = response;
	}
}

/** Parameters that were validated have the value that the schema made of them. */
function keyedParams(c: Context, routeIndex: number, input: KeyedInput): Record<string, string>[] {
	const params = paramsByRoute(c, routeIndex, input.routes.length);
	const { otherParams } = input;
	if (!otherParams) return params;
	const validated = textsOf(input.validated.param);
	return params.map((raw, i) => {
		const known = Object.entries(validated).filter(([name]) => Object.hasOwn(raw, name));
		return { ...otherParams[i], ...Object.fromEntries(known) };
	});
}

function keyedRequest(input: KeyedInput, params: Record<string, string>, signal: AbortSignal): Request {
	const query = input.query?.length ? `?${new URLSearchParams(input.query.map(([n, v]) => [n, v]))}` : "";
	const headers = new Headers(textsOf(input.validated.header));
	for (const [name, value] of Object.entries(input.headers)) if (value !== null) headers.set(name, value);
	if (input.body) headers.set("Content-Type", input.body.type);
	// Hono has decoded these, and in an address they would be dropped or taken for a slash.
	const path = keyedPath(input, params).replace(/[\\\0-\x20]/g, encodeURIComponent);
	return new Request((input.origin ?? NO_ORIGIN) + path + query, {
		method: input.method,
		headers,
		signal,
		...(input.body && { body: input.body.text }),
	});
}

/** The path as it was sent where it is keyed, else the route's pattern with its parameters filled in. */
function keyedPath(input: KeyedInput, params: Record<string, string>): string {
	if (input.path !== undefined) return input.path;
	const filled = (input.routes[0] ?? "/").replace(
		/\/:([^/{?]+)(\{.+?\}(?=\/|\?|$))?\??/g,
		(_, name: string) => (params[name] === undefined ? "" : `/${encodeURIComponent(params[name])}`),
	);
	return filled || "/";
}

function textsOf(validated: unknown): Record<string, string> {
	const simple = ["string", "number", "boolean", "bigint"];
	const members = Object.entries(validated ?? {}).filter(([, value]) => simple.includes(typeof value));
	return Object.fromEntries(members.map(([name, value]) => [name, String(value)]));
}

function encoded(params: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, encodeURIComponent(value)]));
}

function executionCtxOf(c: Context): ExecutionContext | undefined {
	try {
		return c.executionCtx;
	} catch {
		return undefined;
	}
}

type MaybeWrapped = RouterRoute["handler"] & { [COMPOSED_HANDLER]?: RouterRoute["handler"] };

/** How many sub-applications with error handlers of their own are around a handler: Hono wraps it once for each. */
function wrappings(handler: MaybeWrapped | undefined): number {
	const inner = handler?.[COMPOSED_HANDLER];
	return inner ? 1 + wrappings(inner) : 0;
}

/** Without the error handlers that are around the middleware as well: there they have the asker's context. */
function unwrapped(handler: MaybeWrapped, times: number): MiddlewareHandler<Env> {
	const inner = handler[COMPOSED_HANDLER];
	return times > 0 && inner ? unwrapped(inner, times - 1) : (handler as MiddlewareHandler);
}

/** An error that carries its answer may be thrown at many who wait; a body can be read only once. */
async function makeRepeatable(error: unknown): Promise<void> {
	if (!(error instanceof Error && "res" in error && error.res instanceof Response)) return;
	const { status, headers, body } = error.res;
	const bytes = body ? await error.res.arrayBuffer() : null;
	Object.defineProperty(error, "res", { get: () => new Response(bytes, { status, headers }) });
}
