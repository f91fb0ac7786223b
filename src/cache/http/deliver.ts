import type { Context, Env } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Policy } from "../policy.ts";
import type { Served } from "../types.ts";
import { cacheStatusOf } from "./cache-status.ts";
import { joinedNames, restrict, variedBy } from "./client-caching.ts";
import { NotFound } from "./isolate.ts";
import { validatedHeaders } from "./keyed-input.ts";
import { changeable, pendingHeaders, send } from "./send.ts";

/** Why there is nothing to give. */
export interface Unavailable {
	readonly status: 503 | 504;
	/** `busy`: it failed just now and it is too early to try again. */
	readonly why: "busy" | "timed-out" | "only-if-cached";
	/** Whole seconds. */
	readonly retryAfterS?: number;
}

/** Wraps what `admit` threw, to be told apart from what the handler throws. */
export class NotAdmitted extends Error {
	override readonly name = "NotAdmitted";
	constructor(cause: unknown) {
		super("The request was not admitted", { cause });
	}
}

/** Gives answers that come from no entry; each says in `Cache-Status` how it came about. */
export interface Delivery<E extends Env> {
	/** Says so on the answer that stands, or on the one that an error handler is going to make. */
	mark(c: Context<E>, cacheStatus: string): void;
	own(c: Context<E>, response: Response, cacheStatus: string): void;
	/** The handler failed, for all who waited. */
	failure(c: Context<E>, served: Served<Response> & { from: "failure" }, cacheStatus: string): void;
	/** @throws what `unavailable` throws. */
	nothing(c: Context<E>, what: Unavailable, cacheStatus: string): Promise<void>;
	/** @throws the error that the handler or `admit` threw, unless that was `c.notFound()`. */
	thrown(c: Context<E>, error: unknown): Promise<void>;
}

export function createDelivery<E extends Env>(
	policy: Policy,
	statusOf: (error: unknown) => number,
	unavailable: (c: Context<E>, what: Unavailable) => Response | Promise<Response> = throwUnavailable,
): Delivery<E> {
	function mark(c: Context<E>, cacheStatus: string): void {
		const isAnswered = c.finalized;
		const headers = pendingHeaders(c as Context);
		headers.set("Cache-Status", cacheStatus);
		headers.set(
			"Vary",
			joinedNames(headers.get("vary") ?? "", ...variedBy(policy, validatedHeaders(c as Context))),
		);
		// What an error handler will answer says itself how it may be kept, and more strictly than we do.
		if (isAnswered && policy.audience === "signed-in") restrict(headers);
	}

	function own(c: Context<E>, response: Response, cacheStatus: string): void {
		const isHead = c.req.method === "HEAD";
		// Hono would drop it without telling who makes it.
		if (isHead) response.body?.cancel().catch(() => {});
		send(c as Context, isHead ? new Response(null, response) : ownCopy(response));
		mark(c, cacheStatus);
	}

	return {
		mark,
		own,
		failure(c, served, cacheStatus) {
			const { status, headers, body } = served.answer.answer;
			const fields = headers.map(([name, value]): [string, string] => [name, value]);
			own(c, new Response(body as BodyInit, { status, headers: fields }), cacheStatus);
		},
		async nothing(c, { status, why, retryAfterS }, cacheStatus) {
			mark(c, cacheStatus);
			const what = { status, why, ...(retryAfterS !== undefined && { retryAfterS }) };
			own(c, await unavailable(c, what), cacheStatus);
		},
		async thrown(c, error) {
			if (error instanceof NotAdmitted) {
				mark(c, cacheStatusOf({ from: "nothing", why: "busy", status: 503 }));
				throw error.cause;
			}
			const cacheStatus = cacheStatusOf(asServed(statusOf(error)));
			if (error instanceof NotFound) return own(c, await c.notFound(), cacheStatus);
			mark(c, cacheStatus);
			throw error;
		},
	};
}

/** Without a body it may be a handler's constant, which must not gather the headers of each who is given it. */
function ownCopy(response: Response): Response {
	if (response.headers.has("content-type")) {
		return response.body ? changeable(response) : new Response(null, response);
	}
	// Once Bun was asked for the body, it no longer knows that it was a text.
	const copy = changeable(response.clone());
	response.body?.cancel().catch(() => {});
	return copy;
}

function throwUnavailable(_: unknown, { status, why, retryAfterS }: Unavailable): never {
	const headers = {
		"Content-Type": "text/plain; charset=UTF-8",
		...(retryAfterS !== undefined && { "Retry-After": String(retryAfterS) }),
	};
	throw new HTTPException(status, { res: new Response(why, { status, headers }) });
}

/** What an answer with the status that the error stands for would be. */
function asServed(status: number): Served<undefined> {
	if (status < 500) return { from: "handler", result: undefined, detail: "status", missed: "none" };
	const answer = { status, headers: [], body: new Uint8Array(), length: 0 };
	return { from: "failure", answer: { kind: "failed", status, answer }, collapsed: false, missed: "none" };
}
