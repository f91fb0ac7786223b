import type { Context, Env } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Policy } from "../policy.ts";
import type { Served } from "../types.ts";
import { cacheStatusOf } from "./cache-status.ts";
import { NotFound } from "./isolate.ts";
import { addVary, changeable, pendingHeaders, restrict, send, variedBy } from "./send.ts";

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
	unavailable: (c: Context<E>, what: Unavailable) => Response | Promise<Response> = throwUnavailable,
): Delivery<E> {
	function mark(c: Context<E>, cacheStatus: string): void {
		const isAnswered = c.finalized;
		const headers = pendingHeaders(c as Context);
		headers.set("Cache-Status", cacheStatus);
		addVary(headers, variedBy(policy));
		// What an error handler will answer says itself how it may be kept, and more strictly than we do.
		if (isAnswered) restrict(headers, policy);
	}

	function own(c: Context<E>, response: Response, cacheStatus: string): void {
		const isHead = c.req.method === "HEAD";
		// Hono would drop it without telling who makes it.
		if (isHead) response.body?.cancel().catch(() => {});
		send(c as Context, isHead ? new Response(null, response) : changeable(response));
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
			const cacheStatus = cacheStatusOf(asServed(error));
			if (error instanceof NotFound) return own(c, await c.notFound(), cacheStatus);
			mark(c, cacheStatus);
			throw error;
		},
	};
}

function throwUnavailable(_: unknown, { status, why, retryAfterS }: Unavailable): never {
	const headers = { ...(retryAfterS !== undefined && { "Retry-After": String(retryAfterS) }) };
	throw new HTTPException(status, { res: new Response(why, { status, headers }) });
}

/** What an answer with the status that the error stands for would be. */
function asServed(error: unknown): Served<undefined> {
	const told = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
	const status = typeof told === "number" && told >= 400 && told <= 599 ? told : 500;
	if (status < 500) return { from: "handler", result: undefined, detail: "status", missed: "none" };
	const answer = { status, headers: [], body: new Uint8Array(), length: 0 };
	return { from: "failure", answer: { kind: "failed", status, answer }, collapsed: false, missed: "none" };
}
