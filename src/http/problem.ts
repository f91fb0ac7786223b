import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/**
 * Every kind of problem the API answers with (RFC 9457). The key is the last part of the stable `type`; clients may
 * rely on it. Details are sentences for people and may change.
 */
const KINDS = {
	"malformed-body": [400, "The request body could not be read"],
	"invalid-request": [422, "The request is not valid"],
	"unsupported-media-type": [415, "The request body has the wrong content type"],
	"body-too-slow": [408, "The request body did not arrive in time"],
	"body-too-large": [413, "The request body is too large"],
	unauthenticated: [401, "Sign in first"],
	"invalid-credentials": [401, "The credentials are not right"],
	forbidden: [403, "That is not allowed"],
	"cross-site": [403, "The request came from another site"],
	"not-found": [404, "There is nothing here"],
	"unknown-search-type": [404, "The search type is not known"],
	"unknown-area": [422, "The area is not known"],
	"not-valued": [422, "This kind of property is not valued"],
	"insufficient-evidence": [422, "There is too little evidence"],
	"too-many-requests": [429, "Too many requests"],
	unavailable: [503, "The service cannot answer right now"],
	"timed-out": [504, "There was no answer in time"],
	"not-stored": [504, "There is no stored answer"],
	"not-offered-here": [501, "This deployment does not offer that"],
	internal: [500, "Something went wrong on our side"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ProblemKind = keyof typeof KINDS;

export interface ProblemFields {
	/** One sentence: what was wrong and what would be right. Never SQL, a stack or a secret. */
	detail: string;
	/** Further members of the problem object, for programs. */
	members?: Record<string, unknown>;
	headers?: Record<string, string>;
}

/** Thrown anywhere below a route; becomes the answer in one place. */
export class Problem extends Error {
	override readonly name = "Problem";
	readonly status: ContentfulStatusCode;

	constructor(
		readonly kind: ProblemKind,
		readonly fields: ProblemFields,
		options?: ErrorOptions,
	) {
		super(fields.detail, options);
		this.status = KINDS[kind][0];
	}
}

/** The object that tells of a problem, without the request it belongs to. */
export function problemBody({ kind, fields }: Problem) {
	const [status, title] = KINDS[kind];
	return { type: `urn:retyn:problem:${kind}`, title, status, detail: fields.detail, ...fields.members };
}

/** The answer for a problem: `application/problem+json`, never stored by any cache. */
export function problemResponse(c: Context, problem: Problem): Response {
	const body = { ...problemBody(problem), request_id: c.get("requestId"), ...c.get("label")?.() };
	return c.body(JSON.stringify(body), problem.status, {
		"Content-Type": "application/problem+json",
		"Cache-Control": "no-store",
		...problem.fields.headers,
	});
}
