import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import type { Context } from "hono";
import { z } from "zod";
import { setUp, statusOf } from "./http-setup.ts";

describe("bodies without a schema", () => {
	test("4: a JSON body without a schema is keyed by its value", async () => {
		const made = setUp({ answer: async (c, run) => c.json({ run, got: await c.req.json() }) });
		const first = await made.post('{"b": [1, {"d":4, "c":3}], "a": "x"}');
		const second = await made.post('{"a":"x","b":[1,{"c":3,"d":4.0}]}', {
			type: "application/json; charset=utf-8",
		});
		expect(await first.json()).toEqual({ run: 1, got: { a: "x", b: [1, { c: 3, d: 4 }] } });
		expect(await second.json()).toMatchObject({ run: 1 });
		for (const other of [
			'{"a":"x"}',
			'{"a":"x","b":[{"c":3,"d":4},1]}',
			'{"a":"x","b":["1",{"c":3,"d":4}]}',
			"7",
			"null",
		]) {
			await made.post(other);
		}
		expect(made.runs()).toBe(6);
	});

	test.each([
		["that is not JSON", "{", "application/json"],
		["that is not UTF-8", "\xff", "application/json"],
		["of another type", '{"a":1}', "text/plain"],
		["of no type", '{"a":1}', null],
		["that is empty", "", "application/json"],
		["over 64 KiB", JSON.stringify({ a: "x".repeat(64 * 1024) }), "application/json"],
		["that is nested too deeply", "[".repeat(30_000) + "]".repeat(30_000), "application/json"],
		["with a number beyond JSON's reach", '{"a":1e999}', "application/json"],
	])("4: a body %s goes past the cache, and the handler sees it intact", async (_, text, type) => {
		const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
		const made = setUp({ answer: async (c) => c.body(await c.req.arrayBuffer()) });
		for (const run of [1, 2]) {
			const body = new Blob([bytes]);
			const response = await made.ask("/things", {
				method: "POST",
				body,
				headers: type ? { "Content-Type": type } : {},
			});
			expect(await response.bytes()).toEqual(bytes);
			expect(statusOf(response)).toEqual({ fwd: "bypass", detail: "body-not-keyed" });
			expect(made.runs()).toBe(run);
		}
		expect(made.events.filter((event) => event.type === "bypass")).toHaveLength(2);
	});

	test("4: a streamed body over 64 KiB reaches the handler as a stream, from its first byte", async () => {
		const made = setUp({
			answer: async (c) => c.text(String((await new Response(c.req.raw.body).bytes()).length)),
		});
		let sent = 0;
		const body = new ReadableStream({
			pull(controller) {
				sent += 1;
				if (sent > 40) controller.close();
				else controller.enqueue(new Uint8Array(10_000).fill(32));
			},
		});
		const response = await made.ask("/things", {
			method: "POST",
			body,
			headers: { "Content-Type": "application/json" },
		});
		expect(await response.text()).toBe("400000");
		expect(statusOf(response)).toEqual({ fwd: "bypass", detail: "body-not-keyed" });
	});

	test("4: a body that somebody has read before is keyed all the same", async () => {
		const readFirst = async (c: Context, next: () => Promise<void>) => {
			await c.req.arrayBuffer();
			await next();
		};
		const made = setUp({
			before: [readFirst],
			answer: async (c, run) => c.json({ run, got: await c.req.json() }),
		});
		await made.post('{"a":1,"b":2}');
		expect(await (await made.post('{"b":2,"a":1}')).json()).toEqual({ run: 1, got: { a: 1, b: 2 } });
	});

	test("4: behind a schema the validator has answered before a body that is none", async () => {
		const made = setUp({ before: [zValidator("json", z.object({ a: z.number() }))] });
		expect((await made.post("{")).status).toBe(400);
		expect((await made.post('{"a":"1"}')).status).toBe(400);
		expect(made.events).toEqual([]);
	});
});
