import { expect, test } from "bun:test";
import { Hono } from "hono";
import type { AppEnv } from "../../src/http/env.ts";
import { answerError } from "../../src/http/errors.ts";
import { readBody } from "../../src/http/read-body.ts";
import { silentLogger } from "../../src/lib/logger.ts";

const app = new Hono<AppEnv>()
	.use(async (c, next) => {
		c.set("logger", silentLogger);
		await next();
	})
	.use(readBody({ maxBytes: 1024, withinMs: 20 }))
	.onError(answerError)
	.all("/", async (c) => c.text(await c.req.text()));

function post(body: BodyInit | null): Promise<Response> {
	return Promise.resolve(app.request("/", { method: "POST", body }));
}

function stream(
	feed: (controller: ReadableStreamDefaultController<Uint8Array>) => void,
): ReadableStream<Uint8Array> {
	return new ReadableStream({ start: feed });
}

test("a body is there for the handler, whether it came whole or in parts", async () => {
	expect(await (await post("whole")).text()).toBe("whole");
	const parts = stream((controller) => {
		for (const part of ["in ", "parts"]) controller.enqueue(new TextEncoder().encode(part));
		controller.close();
	});
	expect(await (await post(parts)).text()).toBe("in parts");
	expect(await (await post(null)).text()).toBe("");
});

test("a body that is too large is refused, declared or not", async () => {
	expect((await post("x".repeat(1025))).status).toBe(413);
	const endless = stream((controller) => controller.enqueue(new Uint8Array(2_000)));
	expect((await post(endless)).status).toBe(413);
});

test("a body that does not arrive in time is a 408, and nobody else's fault", async () => {
	const stuck = stream((controller) => controller.enqueue(new Uint8Array(10)));
	const response = await post(stuck);
	expect(response.status).toBe(408);
	expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:body-too-slow" });
});

test("a body that breaks off is a 400", async () => {
	const broken = stream((controller) => controller.error(new Error("The connection was closed.")));
	expect((await post(broken)).status).toBe(400);
});
