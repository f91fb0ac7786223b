import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { isUnreached } from "../../db/driver-query.ts";
import { CacheBusy, PurgePending } from "../cache/index.ts";
import type { AppEnv } from "./env.ts";
import { Problem, problemResponse } from "./problem.ts";

/** Turns whatever was thrown below a route into one problem answer; what we did not foresee is logged in full. */
export function answerError(error: Error, c: Context<AppEnv>): Response {
	const problem = asProblem(error);
	const { requestId, logger } = c.var;
	if (problem.kind === "internal") {
		logger.error({ requestId, path: c.req.path, error: problem.cause }, "Request failed");
	} else if (problem.status >= 500) {
		logger.warn({ requestId, kind: problem.kind, reason: rootReason(problem) }, "Request not answered");
	}
	return problemResponse(c, problem);
}

export function answerNotFound(c: Context<AppEnv>): Response {
	const detail = `There is no ${c.req.method} ${c.req.path.slice(0, 200)}.`;
	return problemResponse(c, new Problem("not-found", { detail }));
}

/** The status of the answer that a thrown error becomes. */
export function statusOfError(error: unknown): number {
	return error instanceof Error ? asProblem(error).status : 500;
}

/** What any error is to whoever asked. */
export function asProblem(error: Error): Problem {
	if (error instanceof Problem) return error;
	if (error instanceof HTTPException && error.status === 400) {
		return new Problem("malformed-body", { detail: "The body is not readable as JSON." });
	}
	if (error instanceof PurgePending) return purgePending(error);
	if (error instanceof CacheBusy) return cacheBusy(error);
	if (error instanceof HTTPException && error.res && isUnavailable(error.status)) return unavailable(error);
	if (isDependencyFailure(error)) {
		const fields = {
			detail: "The database does not answer right now. Try again shortly.",
			headers: { "Retry-After": "5" },
		};
		return new Problem("unavailable", fields, { cause: error });
	}
	return new Problem("internal", { detail: "The request could not be answered." }, { cause: error });
}

/** A value behind the cache, not an answer: it failed a moment ago, or takes too long. */
function cacheBusy(error: CacheBusy): Problem {
	const { status, retryAfterS = 1 } = error;
	return new Problem(
		status === 504 ? "timed-out" : "unavailable",
		{
			detail: `The value could not be worked out. Try again in ${retryAfterS} s.`,
			headers: { "Retry-After": String(retryAfterS) },
		},
		{ cause: error },
	);
}

function isUnavailable(status: number): boolean {
	return status === 503 || status === 504;
}

/** Somebody below already knows when to try again. */
function unavailable(error: HTTPException): Problem {
	const retryAfter = error.res?.headers.get("Retry-After");
	const when =
		retryAfter && /^\d+$/.test(retryAfter) ? `Try again in ${retryAfter} s.` : "Try again shortly.";
	return new Problem(
		error.status === 504 ? "timed-out" : "unavailable",
		{
			detail: `There is no answer to be had right now, and none of before to give instead. ${when}`,
			...(retryAfter && { headers: { "Retry-After": retryAfter } }),
		},
		{ cause: error },
	);
}

function purgePending(error: PurgePending): Problem {
	const { pending } = error;
	return new Problem(
		"unavailable",
		{
			detail:
				`The store of the cache does not answer. ${pending} ${pending === 1 ? "purge is" : "purges are"} kept and ` +
				"made as soon as it does; until then other instances may give answers of before.",
			members: { pending },
			headers: { "Retry-After": "5" },
		},
		{ cause: error },
	);
}

/** What PostgreSQL has no room for, and what it was told to end (class 53, 57014 and 57P0x: appendix A of its manual). */
const OVERTAXED = /^(53\w{3}|57(014|P0\d))$/;

function isDependencyFailure(error: unknown, depth = 0): boolean {
	if (!(error instanceof Error) || depth > 5) return false;
	if (error instanceof HTTPException && error.status === 504) return true;
	const code = "code" in error ? String(error.code) : "";
	return isUnreached(error) || OVERTAXED.test(code) || isDependencyFailure(error.cause, depth + 1);
}

/** The innermost cause in its own words: those around it repeat the statement and its parameters. */
function rootReason(error: Error): string {
	return error.cause instanceof Error ? rootReason(error.cause) : error.message;
}
