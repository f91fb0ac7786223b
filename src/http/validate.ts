import { zValidator } from "@hono/zod-validator";
import type { Context } from "hono";
import type { z } from "zod";
import { Problem } from "./problem.ts";

/**
 * Reads and checks a JSON body; behind it `c.req.valid("json")` is typed. A wrong content type is 415, unreadable
 * JSON 400 (hono throws, `problems` turns it into an answer), a body that breaks the schema 422 with every reason.
 */
export function validJson<S extends z.ZodType>(schema: S) {
	return zValidator("json", schema, (result, c) => {
		requireJson(c);
		if (!result.success) throw invalid("The request body", result.error.issues);
	});
}

/** The same check for a body that hono's own validator has read. @throws {Problem} 415 or 422 */
export function checkJson<S extends z.ZodType>(schema: S, body: unknown, c: Context): z.output<S> {
	requireJson(c);
	return checkValue(schema, body, "The request body");
}

/** @param what in words, at the beginning of the sentence. @throws {Problem} 422 with every reason */
export function checkValue<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
	const result = schema.safeParse(value);
	if (!result.success) throw invalid(what, result.error.issues);
	return result.data;
}

/** Checks path parameters; behind it `c.req.valid("param")` is typed. */
export function validParam<S extends z.ZodType>(schema: S, problem: (value: unknown) => Problem) {
	return zValidator("param", schema, (result) => {
		if (!result.success) throw problem(result.data);
	});
}

/** Without this check hono takes a body of any other type for an empty one. */
function requireJson(c: Context): void {
	const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
	if (/^application\/([a-z0-9.-]+\+)?json$/.test(type)) return;
	throw new Problem("unsupported-media-type", {
		detail: "Send the body as JSON, with the header `Content-Type: application/json`.",
		headers: { Accept: "application/json" },
	});
}

function invalid(what: string, issues: readonly z.core.$ZodIssue[]): Problem {
	const errors = issues.slice(0, 20).map((issue) => ({
		path: issue.path.map(String).join(".").slice(0, 100),
		message: issue.message.slice(0, 300),
	}));
	const sentence = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
	return new Problem("invalid-request", {
		detail: `${what} is not valid: ${sentence}.`,
		members: { errors },
	});
}
