import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono } from "hono";
import { validator } from "hono/validator";
import { z } from "zod";
import { cached } from "../../src/cache/cached.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestCache, POLICY, setUp, statusOf } from "./http-setup.ts";
import { createTestClock } from "./support/clock.ts";

const named = (name: string) => ({ ...POLICY, name, prefix: `${name}:` });

describe("keys of requests", () => {
	test("1: the same GET twice within the fresh time runs the handler once and repeats its answer byte for byte", async () => {
		const made = setUp({ answer: (c, run) => c.json({ run, text: "مرسى دبي" }, 203) });
		const first = await made.ask();
		made.clock.advance(59_999);
		const second = await made.ask();
		expect(made.runs()).toBe(1);
		expect(await second.bytes()).toEqual(await first.bytes());
		expect([first.status, second.status]).toEqual([203, 203]);
		expect(second.headers.get("Content-Type")).toBe(first.headers.get("Content-Type"));
		made.clock.advance(1);
		expect(await (await made.ask()).json()).toMatchObject({ run: 2 });
	});

	test("2: another value in the query has an entry of its own, another order of parameters has not", async () => {
		const made = setUp();
		await made.ask("/things?a=1&b=2");
		await made.ask("/things?b=2&a=1");
		expect(made.runs()).toBe(1);
		await made.ask("/things?a=1&b=3");
		await made.ask("/things?a=1");
		await made.ask("/things?a=1&a=2");
		await made.ask("/things?a=2&a=1");
		expect(made.runs()).toBe(5);
	});

	test("3: bodies that mean the same to the schema share an entry, any other difference keeps them apart", async () => {
		const schema = z.object({
			area: z.string().transform((name) => name.trim().toLowerCase()),
			size: z.number().transform((size) => Math.round(size * 10) / 10),
			rooms: z.union([z.number(), z.string()]).nullish(),
			type: z.string().default("unit"),
		});
		const made = setUp({ before: [zValidator("json", schema)] });
		await made.post('{"area":"Marina","size":80,"rooms":1}');
		await made.post('{ "rooms": 1, "size": 80.04,\n "type":"unit", "area":" MARINA", "extra": 1 }');
		expect(made.runs()).toBe(1);
		await made.post('{"area":"Marina","size":80,"rooms":"1"}');
		await made.post('{"area":"Marina","size":80.1,"rooms":1}');
		await made.post('{"area":"Marina","size":80,"rooms":null}');
		await made.post('{"area":"Marina","size":80}');
		await made.post('{"area":"Marina","size":80,"rooms":1,"type":"land"}');
		expect(made.runs()).toBe(6);
	});

	test("3: what depends on the day is keyed by the day that was meant", async () => {
		const clock = createTestClock(Date.parse("2026-08-01T19:59:00Z"));
		const today = () =>
			new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Dubai" }).format(new Date(clock()));
		const resolve = validator("json", (body: { as_of?: string }) => ({ asOf: body.as_of ?? today() }));
		const made = setUp({
			before: [resolve],
			policy: { ttl: 3600 },
			cache: { clock, store: createMemoryStore({ clock, maxBytes: 100_000 }) },
		});
		await made.post("{}");
		await made.post('{"as_of":"2026-08-01"}');
		expect(made.runs()).toBe(1);
		clock.advance(2 * 60_000);
		expect(await (await made.post("{}")).json()).toEqual({ run: 2 });
	});

	test("5: HEAD and GET share an entry whichever comes first, and POST has one of its own", async () => {
		const made = setUp({ answer: (c, run) => c.json({ run, method: c.req.method }) });
		const head = await made.ask("/things", { method: "HEAD" });
		expect(await head.text()).toBe("");
		expect(await (await made.ask()).json()).toEqual({ run: 1, method: "GET" });
		expect(await (await made.post("{}")).json()).toEqual({ run: 2, method: "POST" });
		expect(await (await made.ask()).json()).toEqual({ run: 1, method: "GET" });
	});

	test.each(["PUT", "PATCH", "DELETE", "OPTIONS"])(
		"5: %s is never answered from the cache",
		async (method) => {
			const made = setUp();
			for (const run of [1, 2]) {
				const response = await made.ask("/things", { method });
				expect(statusOf(response)).toEqual({ fwd: "bypass", detail: "method" });
				expect(made.runs()).toBe(run);
			}
		},
	);

	test("6: two callers never share, nor does one before and after a change of role", async () => {
		const made = setUp({
			policy: { scope: "caller" },
			options: { caller: (c: Context) => [c.req.header("x-user") ?? "", c.req.header("x-role") ?? "0"] },
		});
		const as = (user: string, role: string) =>
			made.ask("/things", { headers: { "X-User": user, "X-Role": role } });
		await as("u1", "1");
		await as("u2", "1");
		await as("u1", "2");
		expect(made.runs()).toBe(3);
		expect(await (await as("u1", "1")).json()).toEqual({ run: 1 });
		await as("u1", "11");
		await as("u11", "1");
		expect(made.runs()).toBe(5);
	});

	test("6: a caller who is nobody is an error, not an answer that all such share", async () => {
		const made = setUp({
			policy: { scope: "caller" },
			options: { caller: (c: Context) => [c.req.header("x-user") ?? ""] },
		});
		expect((await made.ask()).status).toBe(500);
		expect(made.runs()).toBe(0);
	});

	test("6: scope caller without anybody to tell who that is does not build", () => {
		const { cache } = createTestCache();
		expect(() => cached(cache, { ...POLICY, scope: "caller" })).toThrow(TypeError);
	});

	test("7: two policies on one path stay apart, and two tenants, even with the separator in their names", async () => {
		const { cache } = createTestCache();
		const routes = new Hono();
		let runs = 0;
		const answer = (c: Context) => {
			runs += 1;
			return c.json(c.req.param());
		};
		routes.get(
			"/:tenant/areas/:id",
			zValidator("param", z.object({ id: z.string() })),
			cached(cache, named("first")),
			answer,
		);
		routes.post(
			"/:tenant/areas/:id",
			zValidator("param", z.object({ id: z.string() })),
			zValidator("json", z.object({})),
			cached(cache, named("second")),
			answer,
		);
		const get = async (path: string) => (await routes.request(path)).json();
		expect(await get("/a:b/areas/c")).toEqual({ tenant: "a:b", id: "c" });
		expect(await get("/a/areas/b:c")).toEqual({ tenant: "a", id: "b:c" });
		expect(await get("/a:b/areas/c")).toEqual({ tenant: "a:b", id: "c" });
		expect(runs).toBe(2);
		await cache.settled();
		const posted = await routes.request("/a:b/areas/c", {
			method: "POST",
			body: "{}",
			headers: { "Content-Type": "application/json" },
		});
		expect(posted.status).toBe(200);
		expect(runs).toBe(3);
	});

	test("7: one middleware on two paths keeps them apart although the same was validated", async () => {
		const { cache } = createTestCache();
		const middleware = cached(cache, POLICY);
		const valid = zValidator("param", z.object({ id: z.coerce.number() }));
		const app = new Hono()
			.get("/sales/:id", valid, middleware, (c) => c.text("sales"))
			.get("/rents/:id", valid, middleware, (c) => c.text("rents"));
		const read = async (path: string) => (await app.request(path)).text();
		expect([await read("/sales/1"), await read("/rents/1"), await read("/sales/01")]).toEqual([
			"sales",
			"rents",
			"sales",
		]);
	});

	test("8: names and values that are special elsewhere are nothing special in a query or a body", async () => {
		const made = setUp({
			answer: async (c, run) =>
				c.json({ run, got: c.req.method === "POST" ? await c.req.text() : c.req.queries() }),
		});
		const values = [
			"__proto__=1",
			"constructor=1",
			"a=",
			"a",
			"=a",
			"a=%00",
			"a=%F0%9F%8F%99",
			`a=${"x".repeat(10_000)}`,
			"a%3Ab=c",
			"a=b%3Ac",
			"a=%25",
		];
		const bodies = [
			'{"__proto__":{"x":1}}',
			'{"constructor":1}',
			'{"a":""}',
			'{"a":"\\u0000"}',
			'{"a":"\\ud83c"}',
			'{"":1}',
			"{}",
		];
		const distinct = new Set<string>();
		for (const round of [1, 2]) {
			for (const value of values)
				distinct.add(`${round} ${value} ${await (await made.ask(`/things?${value}`)).text()}`);
			for (const body of bodies) distinct.add(`${round} ${body} ${await (await made.post(body)).text()}`);
			// To whoever reads a query "a" and "a=" are the same.
			expect(made.runs()).toBe(values.length - 1 + bodies.length);
		}
		expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
	});
});
