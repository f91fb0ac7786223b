import { z } from "zod";
import { Problem } from "../http/problem.ts";
import { plainText } from "./input.ts";

const METHODS = ["GET", "HEAD", "POST"] as const;
/** Never asked: requests that are explained do not leave the process. */
const HERE = "http://localhost";
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

const asked = {
	method: z
		.string()
		.toUpperCase()
		.pipe(z.enum(METHODS, `must be one of: ${METHODS.join(", ")}`))
		.default("GET"),
	path: plainText(4_096).startsWith("/api/", "must be a path of this server, beginning with /api/"),
};

/** The query of GET /cache/explain. */
export const explainQuery = z.strictObject({
	...asked,
	/** JSON text. */
	body: z.string().optional(),
});

/** The body of POST /cache/explain. */
export const explainBody = z.strictObject({
	...asked,
	/** JSON, or its text. */
	body: z.union([z.string(), z.record(z.string(), z.unknown())], "must be JSON").optional(),
	headers: z
		.record(z.string(), plainText(4_096))
		.refine((headers) => Object.keys(headers).length <= 50, "must name 50 headers at the most")
		.refine((headers) => Object.keys(headers).every((name) => FIELD_NAME.test(name)), {
			error: "must be names of headers with their values",
		})
		.optional(),
});

/** @throws {Problem} 422 for what is no request of ours */
export function explainedRequest({
	method,
	path,
	body,
	headers = {},
}: z.output<typeof explainBody>): Request {
	const url = URL.canParse(path, HERE) ? new URL(path, HERE) : undefined;
	if (url?.origin !== HERE || !url.pathname.startsWith("/api/")) {
		throw new Problem("invalid-request", {
			detail: "The path must be one of this server, beginning with /api/.",
		});
	}
	if (body !== undefined && method !== "POST") {
		throw new Problem("invalid-request", {
			detail: `A ${method} request has no body: leave it out, or ask as POST.`,
		});
	}
	return new Request(url, {
		method,
		headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
		...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
	});
}
