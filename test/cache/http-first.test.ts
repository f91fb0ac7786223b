import { describe, expect, test } from "bun:test";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { every } from "hono/combine";
import { cached } from "../../src/cache/cached.ts";
import { createTestCache, POLICY, setUp, statusOf } from "./http-setup.ts";

const LONG = "Dubai Marina ".repeat(2_000);

describe("cached() as the first of its chain", () => {
	const answers: Record<string, (c: Context) => Response> = {
		"a long text": (c) => c.text(LONG),
		"a short one": (c) => c.json({ short: true }),
		"headers of its own": (c) => {
			c.header("X-Own", "1");
			c.header("Vary", "Accept-Encoding");
			c.header("Link", "</a>", { append: true });
			c.header("Link", "</b>", { append: true });
			return c.body("x", 203);
		},
		nothing: (c) => c.body(null),
		"another place": (c) => c.redirect("/there", 308),
	};
	const inits: RequestInit[] = [
		{},
		{ headers: { "Accept-Encoding": "gzip" } },
		{ method: "HEAD" },
		{ headers: { "If-None-Match": "*" } },
	];

	test.each(Object.keys(answers))(
		"gives what it gives behind middleware that does nothing: %s",
		async (name) => {
			const answer = answers[name] as (c: Context) => Response;
			const first = setUp({ answer });
			const second = setUp({ answer, before: [(_, next) => next()] });
			for (const init of [...inits, ...inits]) {
				const [own, other] = [await first.ask("/things", init), await second.ask("/things", init)];
				expect(own.status).toBe(other.status);
				expect([...own.headers]).toEqual([...other.headers]);
				expect(await own.bytes()).toEqual(await other.bytes());
			}
			expect(first.runs()).toBe(1);
		},
	);

	test("keeps what middleware between it and the handler has set, for all alike", async () => {
		const { cache } = createTestCache();
		let runs = 0;
		const sets: MiddlewareHandler = async (c, next) => {
			c.header("X-Between", `${++runs}`);
			await next();
		};
		const app = new Hono().get("/things", cached(cache, POLICY), sets, (c) => c.json({}));
		for (const _ of [1, 2, 3]) {
			expect((await app.request("/things")).headers.get("X-Between")).toBe("1");
			await cache.settled();
		}
	});

	const arounds: Record<string, (inner: MiddlewareHandler) => MiddlewareHandler> = {
		"middleware that calls it": (inner) => (c, next) => {
			c.header("X-Around", "1");
			c.header("Set-Cookie", "seen=1");
			return inner(c, next);
		},
		"Hono's every()": (inner) =>
			every((c, next) => {
				c.header("X-Around", "1");
				c.header("Set-Cookie", "seen=1");
				return next();
			}, inner),
	};
	test.each(Object.keys(arounds))("11: keeps what was set by what is around it: %s", async (name) => {
		const { cache } = createTestCache();
		const around = arounds[name]?.(cached(cache, { ...POLICY, audience: "public" })) as MiddlewareHandler;
		const apps = [
			new Hono().get("/things", around, (c) => c.json({})),
			new Hono().route(
				"/",
				new Hono().get("/things", around, (c) => c.json({})),
			),
		];
		for (const app of [...apps, ...apps]) {
			const { headers } = await app.request("/things");
			await cache.settled();
			expect([headers.get("X-Around"), headers.get("Set-Cookie")]).toEqual(["1", "seen=1"]);
			expect(headers.get("Cache-Control")).toBe("private, no-cache");
		}
	});

	test("keeps what was set while the request was admitted, in sub-applications that handle errors as well", async () => {
		const { cache } = createTestCache();
		let left = 9;
		const admit = (c: Context) => c.header("RateLimit-Remaining", `${left--}`);
		const middleware = cached(cache, POLICY, { admit, mayRenew: () => true });
		const sub = new Hono().get("/things", middleware, (c) => c.json({}));
		sub.onError((error, c) => c.text(error.message, 500));
		for (const app of [
			new Hono().get("/things", middleware, (c) => c.json({})),
			new Hono().route("/", sub),
		]) {
			const expected = `${left}`;
			const init = { headers: { "Cache-Control": "no-cache" } };
			expect((await app.request("/things", init)).headers.get("RateLimit-Remaining")).toBe(expected);
			await cache.settled();
			const hit = await app.request("/things");
			expect([statusOf(hit)["hit"], hit.headers.get("RateLimit-Remaining")]).toEqual([true, null]);
		}
	});

	test("keeps what stands between it and another cached() that hits", async () => {
		const { cache, events } = createTestCache();
		const sets: MiddlewareHandler = async (c, next) => {
			c.header("X-Between", "1");
			await next();
		};
		const inner = cached(cache, { ...POLICY, name: "inner", prefix: "inner:" });
		const outer = cached(cache, { ...POLICY, name: "outer", prefix: "outer:" });
		const app = new Hono().get("/things", outer, sets, inner, (c) => c.json({}));
		for (const hits of [0, 1, 2]) {
			expect((await app.request("/things")).headers.get("X-Between")).toBe("1");
			await cache.settled();
			expect(events.filter(({ type }) => type === "hit").length).toBe(hits);
		}
	});
});
