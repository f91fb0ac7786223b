import { describe, expect, test } from "bun:test";
import { type Handler, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { PurgePending } from "../../src/cache/index.ts";
import type { AppEnv } from "../../src/http/env.ts";
import { answerError, statusOfError } from "../../src/http/errors.ts";
import { Problem } from "../../src/http/problem.ts";
import { refuseUnavailable } from "../../src/http/unavailable.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { TooLate } from "../../src/lib/within.ts";

async function answerTo(fail: Handler<AppEnv>) {
	const app = new Hono<AppEnv>();
	app.use(async (c, next) => {
		c.set("requestId", "test");
		c.set("logger", silentLogger);
		await next();
	});
	app.onError(answerError);
	app.get("/", fail);
	const response = await app.request("/");
	expect(response.headers.get("Content-Type")).toBe("application/problem+json");
	expect(response.headers.get("Cache-Control")).toBe("no-store");
	const problem = (await response.json()) as Record<string, unknown>;
	expect(problem["status"]).toBe(response.status);
	return { problem, status: response.status, retryAfter: response.headers.get("Retry-After") };
}

const thrown = (error: Error) =>
	answerTo(() => {
		throw error;
	});

describe("what was thrown", () => {
	test.each([
		[503, "urn:retyn:problem:unavailable"],
		[504, "urn:retyn:problem:timed-out"],
	] as const)("as a %i with Retry-After is a problem that keeps it", async (status, type) => {
		const res = new Response("busy", { status, headers: { "Retry-After": "3" } });
		const { problem, ...answer } = await thrown(new HTTPException(status, { res }));
		expect(answer).toEqual({ status, retryAfter: "3" });
		expect(problem).toMatchObject({ type, detail: expect.stringContaining("Try again in 3 s.") });
	});

	test("as a 503 without Retry-After is a problem that names no time", async () => {
		const { problem, retryAfter } = await thrown(new HTTPException(503, { res: new Response("busy") }));
		expect(retryAfter).toBeNull();
		expect(problem["detail"]).toContain("Try again shortly.");
	});

	test("43: by a purge that has not reached the store is a 503 that says how many wait", async () => {
		const { problem, ...answer } = await thrown(new PurgePending(3));
		expect(answer).toEqual({ status: 503, retryAfter: "5" });
		expect(problem).toMatchObject({
			type: "urn:retyn:problem:unavailable",
			pending: 3,
			detail: expect.stringContaining("3 purges are kept"),
		});
		expect((await thrown(new PurgePending(1))).problem["detail"]).toContain("1 purge is kept");
	});

	test("by a database that is out of reach is a 503, however deep it lies", async () => {
		const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
		const wrapped = new Error("Failed query: select secret", { cause: refused });
		const { problem, status } = await thrown(wrapped);
		expect(status).toBe(503);
		expect(problem["detail"]).not.toContain("secret");
		expect((await thrown(new TooLate("no answer"))).status).toBe(503);
	});

	test("without being foreseen is a 500 that says nothing", async () => {
		const { problem, status } = await thrown(new Error("secret"));
		expect(status).toBe(500);
		expect(JSON.stringify(problem)).not.toContain("secret");
	});
});

test("the status of an error is that of its answer", () => {
	const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
	expect(statusOfError(new Error("wrapped", { cause: refused }))).toBe(503);
	expect(statusOfError(new Problem("not-valued", { detail: "No." }))).toBe(422);
	expect(statusOfError(new PurgePending(1))).toBe(503);
	expect(statusOfError("a text")).toBe(500);
});

describe("where the cache has nothing to give", () => {
	test.each([
		["busy", 503, "urn:retyn:problem:unavailable", "4"],
		["timed-out", 504, "urn:retyn:problem:timed-out", "4"],
		["only-if-cached", 504, "urn:retyn:problem:not-stored", null],
	] as const)("because of %s the problem says so", async (why, status, type, retryAfter) => {
		const what = { why, status: status as 503 | 504, retryAfterS: 4 };
		const answer = await answerTo((c): Response => refuseUnavailable(c, what));
		expect(answer).toMatchObject({ status, retryAfter, problem: { type } });
	});
});
