import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono, type Next } from "hono";
import { getCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import { z } from "zod";
import { cached } from "../../src/cache/cached.ts";
import { createTestCache, POLICY, setUp, statusOf } from "./http-setup.ts";

/** All that a handler can see of who asked. */
const everything = (c: Context) =>
	c.json({
		url: c.req.url,
		path: c.req.path,
		method: c.req.method,
		params: c.req.param(),
		queries: c.req.queries(),
		headers: c.req.header(),
		cookies: getCookie(c),
		variables: c.var,
	});

describe("the request that a handler sees", () => {
	test("12, 27: holds nothing of the caller but what is in the key", async () => {
		const signIn = (c: Context, next: Next) => {
			c.set("user", "u1");
			c.set("label", "SAMPLE");
			return next();
		};
		const made = setUp({
			before: [signIn],
			policy: { vary: ["X-Lang"] },
			options: { passes: ["label"] },
			path: "/of/:id",
			answer: everything,
		});
		const response = await made.ask("https://api.example/of/7?b=2&a=1&b=1", {
			headers: {
				Authorization: "Bearer x",
				Cookie: "s=1",
				"X-Lang": "ar",
				"X-Other": "y",
			},
		});
		expect(await response.json()).toEqual({
			url: "http://localhost/of/7?a=1&b=2&b=1",
			path: "/of/7",
			method: "GET",
			params: { id: "7" },
			queries: { a: ["1"], b: ["2", "1"] },
			headers: { "x-lang": "ar" },
			cookies: {},
			variables: { label: "SAMPLE" },
		});
	});

	test("3: is rebuilt from what the schema made of it, and has no query that the schema does not know", async () => {
		const made = setUp({
			before: [
				zValidator("param", z.object({ id: z.string().toLowerCase() })),
				zValidator("header", z.object({ "x-lang": z.string().default("en") })),
			],
			path: "/:tenant/of/:id{[A-Za-z%]+}",
			answer: everything,
		});
		const response = await made.ask("/t%2F1/of/ABC?utm=1");
		expect(await response.json()).toMatchObject({
			url: "http://localhost/t%2F1/of/abc",
			path: "/t%2F1/of/abc",
			params: { tenant: "t/1", id: "abc" },
			queries: {},
			headers: { "x-lang": "en" },
		});
		await made.ask("/t%2F1/of/abc?utm=2", { headers: { "X-Lang": "en" } });
		expect(made.runs()).toBe(1);
	});

	test("7: has the host where the policy varies by it, and then hosts do not share", async () => {
		const made = setUp({ policy: { vary: ["Host"] }, answer: (c) => c.text(c.req.url) });
		const read = async (url: string) => (await made.ask(url)).text();
		expect(await read("https://one.example/things")).toBe("https://one.example/things");
		expect(await read("https://two.example/things")).toBe("https://two.example/things");
	});

	test.each(["100%25", "%252F", "%25", "a%2Fb", "%F0%9F%8F%99", "%E0%A4%A", "a+b", "a%20b"])(
		"has the path parameter %s as Hono decodes it",
		async (id) => {
			const made = setUp({ path: "/of/:id", answer: (c) => c.json([c.req.param("id"), c.req.path]) });
			const plain = new Hono().get("/of/:id", (c) => c.json([c.req.param("id"), c.req.path]));
			expect(await (await made.ask(`/of/${id}`)).json()).toEqual(
				await (await plain.request(`/of/${id}`)).json(),
			);
		},
	);

	test("has the environment and the execution context, and those of refreshes wait for it", async () => {
		const waiting: Promise<unknown>[] = [];
		const executionCtx = {
			waitUntil: (work: Promise<unknown>) => void waiting.push(work),
			passThroughOnException() {},
			props: { hello: "there" },
		};
		const made = setUp({
			policy: { staleWhileRevalidate: 60 },
			answer: (c, run) => c.json({ run, env: c.env, props: c.executionCtx.props }),
		});
		const ask = () => made.app.request("/things", {}, { DB: "d1" }, executionCtx);
		expect(await (await ask()).json()).toEqual({ run: 1, env: { DB: "d1" }, props: { hello: "there" } });
		made.clock.advance(61_000);
		await made.cache.settled();
		expect(await (await ask()).json()).toMatchObject({ run: 1 });
		expect(waiting).not.toBeEmpty();
		await Promise.all(waiting);
		expect(await (await ask()).json()).toMatchObject({ run: 2 });
	});
});

describe("the chain behind cached()", () => {
	test("runs in order, in sub-applications too, each with the parameters of its own pattern", async () => {
		const { cache } = createTestCache();
		const seen: unknown[] = [];
		const note = (name: string) => async (c: Context, next: Next) => {
			seen.push([name, routePath(c), c.req.param()]);
			await next();
			c.header(`X-${name}`, "after");
		};
		const areas = new Hono()
			.use("/:kind/*", note("Early"))
			.get("/:side/:id", cached(cache, POLICY), note("Late"), (c) => c.json(c.req.param()));
		const app = new Hono().route("/:tenant/areas", areas);
		for (const round of [1, 2]) {
			const response = await app.request("/t1/areas/sale/5");
			expect(await response.json()).toEqual({ tenant: "t1", side: "sale", id: "5" });
			expect(response.headers.get("X-Early")).toBe("after");
			expect(response.headers.get("X-Late")).toBe("after");
			expect(seen).toHaveLength(round + 1);
			await cache.settled();
		}
		expect(seen[1]).toEqual(["Late", "/:tenant/areas/:side/:id", { tenant: "t1", side: "sale", id: "5" }]);
	});

	test("runs handlers of other patterns than its own, each with its parameters", async () => {
		const { cache } = createTestCache();
		const app = new Hono()
			.use("/:tenant/*", cached(cache, POLICY))
			.use("/:first/:second", async (c, next) => {
				await next();
				c.header("X-Params", JSON.stringify(c.req.param()));
			})
			.get("/:side/:id", (c) => c.json(c.req.param()));
		const response = await app.request("/sale/5");
		expect(await response.json()).toEqual({ side: "sale", id: "5" });
	});

	test("a validator behind cached() works on what is keyed", async () => {
		const { cache } = createTestCache();
		const app = new Hono().post(
			"/of/:id",
			cached(cache, POLICY),
			zValidator("param", z.object({ id: z.coerce.number() })),
			zValidator("json", z.object({ a: z.number() })),
			(c) => c.json([c.req.valid("param"), c.req.valid("json")]),
		);
		const response = await app.request("/of/7", {
			method: "POST",
			body: '{"a":1}',
			headers: { "Content-Type": "application/json" },
		});
		expect(await response.json()).toEqual([{ id: 7 }, { a: 1 }]);
	});

	test("10: an error reaches the error handler of the sub-application with the context of each who asked", async () => {
		const { cache } = createTestCache();
		const sub = new Hono()
			.onError((error, c) => c.text(`${error.message} for ${c.req.header("x-user")}`, 502))
			.use((_, next) => next())
			.get("/", cached(cache, POLICY), () => {
				throw new Error("no luck");
			});
		const app = new Hono().route("/sub", sub).onError((_, c) => c.text("root", 500));
		const answers = await Promise.all(
			["u1", "u2"].map((user) => app.request("/sub", { headers: { "X-User": user } })),
		);
		expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
			"no luck for u1",
			"no luck for u2",
		]);
		expect(answers.map((answer) => answer.status)).toEqual([502, 502]);
		expect(statusOf(answers[0] as Response)).toEqual({ fwd: "uri-miss", "fwd-status": 500 });
	});

	test("10: an error handler that is only around the handler answers in its place", async () => {
		const { cache } = createTestCache();
		const sub = new Hono()
			.onError((error, c) => c.text(error.message, 503))
			.get("/", () => {
				throw new Error("inner");
			});
		const app = new Hono().use("/sub", cached(cache, POLICY)).route("/sub", sub);
		const response = await app.request("/sub");
		expect([response.status, await response.text()]).toEqual([503, "inner"]);
	});

	test("10: c.notFound() is the application's own, for the one who asked", async () => {
		const { cache } = createTestCache();
		const app = new Hono()
			.get("/handler", cached(cache, POLICY), (c) => c.notFound())
			.get("/nobody", cached(cache, { ...POLICY, name: "nobody", prefix: "nobody:" }))
			.notFound((c) => c.text(`not here, ${c.req.header("x-user")}`, 404));
		for (const path of ["/handler", "/nobody"]) {
			for (const user of ["u1", "u2"]) {
				const response = await app.request(path, { headers: { "X-User": user } });
				expect([response.status, await response.text()]).toEqual([404, `not here, ${user}`]);
				expect(statusOf(response)).toMatchObject({ fwd: "uri-miss" });
			}
		}
	});

	test("26: an error that carries its answer can be read by all who waited", async () => {
		const made = setUp({
			answer: async () => {
				await Bun.sleep(20);
				throw new HTTPException(503, {
					res: new Response("down for a while", { headers: { "Retry-After": "9" } }),
				});
			},
		});
		made.app.onError((error) => (error as HTTPException).getResponse());
		const answers = await Promise.all(Array.from({ length: 5 }, () => made.app.request("/things")));
		for (const answer of answers) {
			expect([answer.status, await answer.text()]).toEqual([503, "down for a while"]);
			expect(answer.headers.get("Retry-After")).toBe("9");
		}
		expect(made.runs()).toBe(1);
	});

	test("11: cookies of the handler are added to those that were set before it", async () => {
		const before = (c: Context, next: Next) => {
			c.header("Set-Cookie", "first=1", { append: true });
			c.header("Set-Cookie", "second=2", { append: true });
			return next();
		};
		const made = setUp({ before: [before], answer: (c) => c.json({}, 200, { "Set-Cookie": "own=3" }) });
		const cookies = (await made.ask()).headers.getSetCookie();
		expect(cookies.sort()).toEqual(["first=1", "own=3", "second=2"]);
	});

	test("keeps the headers that middleware before cached() has prepared, in whichever way", async () => {
		const before = [
			async (c: Context, next: Next) => {
				c.header("X-Prepared", "1");
				c.header("Vary", "Origin");
				await next();
				c.res.headers.set("X-After", "2");
			},
			async (c: Context, next: Next) => {
				if (c.req.query("touch")) c.res.headers.append("Set-Cookie", "renewed=1");
				await next();
			},
		];
		const made = setUp({ before, answer: (c) => c.json({}, 200, { "X-Own": "3" }) });
		for (const path of ["/things", "/things", "/things?touch=1", "/things?touch=1"]) {
			const { headers } = await made.ask(path);
			expect([headers.get("X-Prepared"), headers.get("X-After"), headers.get("X-Own")]).toEqual([
				"1",
				"2",
				"3",
			]);
			expect(headers.get("Vary")).toBe("Accept-Encoding, Authorization, Cookie, Origin");
			expect(headers.getSetCookie()).toEqual(path.includes("touch") ? ["renewed=1"] : []);
		}
		expect(made.runs()).toBe(2);
	});
});
