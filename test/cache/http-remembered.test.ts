import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { validator } from "hono/validator";
import { z } from "zod";
import { cached } from "../../src/cache/cached.ts";
import { explain } from "../../src/cache/http/explain.ts";
import { createTestCache, POLICY, setUp, statusOf } from "./http-setup.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const valid = (c: Context, target: "json" | "query" | "param") =>
	(c.req.valid as (target: string) => unknown).call(c.req, target);

describe("a handler that runs again for a request whose key is remembered", () => {
	test("3: is given the validated values of the request that made it run, and no other's", async () => {
		const made: object[] = [];
		const given: unknown[] = [];
		const before = validator("json", (body: object) => {
			made.push(body);
			return body;
		});
		const { post, clock } = setUp({
			before: [before],
			answer: (c) => {
				given.push(valid(c, "json"));
				return c.json({});
			},
		});
		for (const body of ['{"a":1}', '{ "a": 1 }', '{"a":1}']) {
			await post(body);
			await post(body);
			clock.advance(60_000);
		}
		expect(given.length).toBe(3);
		for (const [index, value] of given.entries()) expect(value).toBe(made[index * 2]);
	});

	test("3: sees what was sent, whatever the one before did with its own", async () => {
		const schema = z.object({ list: z.array(z.number()), of: z.object({ a: z.number() }) });
		const { post, clock } = setUp({
			before: [zValidator("json", schema)],
			answer: (c, run) => {
				const seen = JSON.stringify(valid(c, "json"));
				const own = valid(c, "json") as z.infer<typeof schema> & { more?: number };
				own.list.push(run);
				own.of.a = run;
				own.more = run;
				return c.json({ run, seen });
			},
		});
		for (const run of [1, 2, 3]) {
			const sent = '{"list":[1],"of":{"a":0}}';
			expect(await (await post(sent)).json()).toEqual({ run, seen: sent });
			expect(await (await post(sent)).json()).toEqual({ run, seen: sent });
			clock.advance(60_000);
		}
	});

	test("3: sees the query, the path and the headers that were sent, on every run", async () => {
		const { ask, clock } = setUp({
			path: "/of/:id",
			policy: { vary: ["X-Lang"] },
			answer: (c, run) => {
				const seen = [c.req.param(), c.req.queries(), c.req.header(), c.req.path];
				Object.assign(c.req.param(), { id: "changed" });
				Object.assign(c.req.queries(), { a: ["changed"] });
				return c.json({ run, seen });
			},
		});
		const init = { headers: { "X-Lang": "ar" } };
		for (const run of [1, 2, 3]) {
			const answer = await ask("/of/a%2Fb?a=1&a=2", init);
			const seen = [{ id: "a/b" }, { a: ["1", "2"] }, { "x-lang": "ar" }, "/of/a%2Fb"];
			expect(await answer.json()).toEqual({ run, seen });
			clock.advance(60_000);
		}
	});

	test("47: sees them also after somebody has changed an explanation", async () => {
		const made = setUp({ answer: (c) => c.json(c.req.queries()) });
		const request = () => new Request("http://localhost/things?a=1&b=2");
		const explained = await explain(made.app.fetch, request());
		if (!("parts" in explained)) throw new Error("it was not explained");
		const query = explained.parts.input.query as [string, string][];
		query.splice(0, 1);
		Object.assign(query[0] as object, { 1: "changed" });
		expect(await (await made.ask("/things?a=1&b=2")).json()).toEqual({ a: ["1"], b: ["2"] });
		expect(await explain(made.app.fetch, request())).toMatchObject({
			parts: {
				input: {
					query: [
						["a", "1"],
						["b", "2"],
					],
				},
			},
		});
	});
});

describe("one middleware in several places", () => {
	const telling = (name: string) => (c: Context) => c.json([name, c.req.param()]);

	async function readAll(apps: readonly Hono[], paths: readonly string[]): Promise<unknown[]> {
		const told: unknown[] = [];
		for (const app of apps) for (const path of paths) told.push(await (await app.request(path)).json());
		return told;
	}

	test("7: two applications with one path keep the parameters and the handlers that they have", async () => {
		const { cache } = createTestCache();
		const shared = cached(cache, POLICY);
		const apps = [
			new Hono().get("/of/:id", shared, telling("first")),
			new Hono().get("/of/:name", shared, telling("second")),
		];
		const alone = [
			new Hono().get("/of/:id", telling("first")),
			new Hono().get("/of/:name", telling("second")),
		];
		for (const _ of [1, 2, 3]) {
			expect(await readAll(apps, ["/of/1", "/of/2"])).toEqual(await readAll(alone, ["/of/1", "/of/2"]));
			await cache.settled();
		}
	});

	test("7: a sub-application that is mounted twice, for tenants too, keeps them apart", async () => {
		const { cache } = createTestCache();
		const sub = (...before: MiddlewareHandler[]) =>
			new Hono()
				.use(...before)
				.get("/of/:id", telling("of"))
				.get("/all", telling("all"));
		const mounted = (inner: Hono) =>
			new Hono().route("/a", inner).route("/b", inner).route("/t/:tenant", inner);
		const paths = ["/a/of/1", "/b/of/1", "/t/1/of/1", "/t/2/of/1", "/a/all", "/t/2/all"];
		const expected = await readAll([mounted(sub((_, next) => next()))], paths);
		const app = mounted(sub(cached(cache, POLICY)));
		for (const _ of [1, 2]) {
			expect(await readAll([app], paths)).toEqual(expected);
			await cache.settled();
		}
	});

	test("7: a path that is read from more than the address has an entry for each", async () => {
		const { cache } = createTestCache();
		let runs = 0;
		const app = new Hono({ getPath: (request) => `/${request.headers.get("x-tenant")}/things` }).get(
			"/:tenant/things",
			cached(cache, POLICY),
			(c) => c.json([c.req.param("tenant"), ++runs]),
		);
		const read = async (tenant: string) => {
			const answer = await app.request("/things", { headers: { "X-Tenant": tenant } });
			await cache.settled();
			return answer.json();
		};
		expect([await read("t1"), await read("t2"), await read("t1"), await read("t2")]).toEqual([
			["t1", 1],
			["t2", 2],
			["t1", 1],
			["t2", 2],
		]);
	});

	test("7: two of them in one chain have an entry each, and the inner one's is what the outer one keeps", async () => {
		const { cache, clock } = createTestCache();
		let runs = 0;
		const policy = { ...POLICY, audience: "public" } as const;
		const inner = cached(cache, { ...policy, name: "inner", prefix: "inner:", ttl: 100 });
		const outer = cached(cache, { ...policy, name: "outer", prefix: "outer:", ttl: 10 });
		const app = new Hono().get("/things", outer, inner, (c) => c.json(++runs));
		const read = async () => {
			const answer = await app.request("/things");
			await cache.settled();
			return answer.json();
		};
		expect([await read(), await read()]).toEqual([1, 1]);
		clock.advance(11_000);
		expect(await read()).toBe(1);
		clock.advance(90_000);
		expect(await read()).toBe(2);
	});
});

describe("a request of a caller's route that has no key", () => {
	test("4, 6: goes past the cache, also for somebody who is nobody", async () => {
		const made = setUp({ policy: { scope: "caller" }, options: { caller: () => [""] } });
		const past = await made.post("text", { type: "text/plain" });
		expect([past.status, statusOf(past)["detail"]]).toEqual([200, "body-not-keyed"]);
		expect((await made.ask("/things", { method: "POST", headers: JSON_TYPE, body: "{}" })).status).toBe(500);
		expect(made.runs()).toBe(1);
	});
});
