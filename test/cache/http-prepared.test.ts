import { describe, expect, test } from "bun:test";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cached } from "../../src/cache/cached.ts";
import { createTestCache, POLICY, type Setup, setUp, statusOf } from "./http-setup.ts";

const LONG = "Dubai Marina ".repeat(2_000);

/** Sets, for whoever asks, what middleware before a route usually sets. */
const prepares: MiddlewareHandler = async (c, next) => {
	c.header("X-Request", c.req.header("x-number") ?? "none");
	c.header("Vary", "Origin");
	c.header("Content-Language", "ar");
	if (c.req.header("x-user")) c.header("Set-Cookie", `of=${c.req.header("x-user")}`, { append: true });
	await next();
	c.header("X-After", "1");
};

const of = (user: string, number: string) => ({ headers: { "X-User": user, "X-Number": number } });

/** What is sent of an answer that is a hit, or of a 304. */
function sent(response: Response) {
	const { headers } = response;
	return {
		own: headers.get("X-Request"),
		cookies: headers.getSetCookie(),
		vary: headers.get("Vary"),
		after: headers.get("X-After"),
	};
}

describe("headers that middleware before cached() has prepared", () => {
	const ways: Record<string, Setup<never>> = {
		"as stored": {},
		"inflated at once": { answer: (c) => c.text(LONG.slice(0, 5_000)) },
		"inflated later": { answer: (c) => c.text(LONG) },
	};
	for (const [way, setup] of Object.entries(ways)) {
		test(`11: are on every hit, each caller's own and once, with bodies that are sent ${way}`, async () => {
			const made = setUp({ ...setup, before: [prepares] });
			await made.ask();
			for (const [user, number] of [
				["u1", "1"],
				["u2", "2"],
				["u1", "3"],
			] as const) {
				const hit = await made.ask("/things", of(user, number));
				expect(statusOf(hit)).toMatchObject({ hit: true });
				expect(sent(hit)).toEqual({
					own: number,
					cookies: [`of=${user}`],
					vary: "Accept-Encoding, Authorization, Cookie, Origin",
					after: "1",
				});
				await hit.text();
			}
			expect(sent(await made.ask()).cookies).toEqual([]);
			expect(made.runs()).toBe(1);
		});
	}

	test("11: are on a HEAD and a 304 of a hit as well", async () => {
		const made = setUp({ before: [prepares] });
		await made.ask();
		const { headers } = of("u1", "7");
		for (const init of [{ method: "HEAD", headers }, { headers: { ...headers, "If-None-Match": "*" } }]) {
			const answer = await made.ask("/things", init);
			expect(sent(answer)).toMatchObject({ own: "7", cookies: ["of=u1"], after: "1" });
		}
		expect(sent(await made.ask("/things", { headers: { "If-None-Match": "*" } })).cookies).toEqual([]);
	});

	test("11: a cookie among them makes a public hit one for its asker alone, and the next one is public again", async () => {
		const made = setUp({ before: [prepares], policy: { audience: "public" } });
		await made.ask();
		for (const _ of [1, 2]) {
			expect((await made.ask("/things", of("u1", "1"))).headers.get("Cache-Control")).toBe(
				"private, no-cache",
			);
			expect((await made.ask()).headers.get("Cache-Control")).toBe("public, max-age=60");
		}
	});

	test("do not replace what the handler has said", async () => {
		const made = setUp({
			before: [prepares],
			answer: (c) => c.json({}, 200, { "Content-Language": "en", Vary: "Accept-Encoding" }),
		});
		for (const _ of [1, 2]) {
			const answer = await made.ask();
			expect(answer.headers.get("Content-Language")).toBe("en");
			expect(answer.headers.get("Vary")).toBe("Accept-Encoding, Authorization, Cookie, Origin");
		}
	});

	const mounts: Record<
		string,
		(app: Hono, middleware: MiddlewareHandler, handler: (c: Context) => Response) => void
	> = {
		"by app.use for all paths": (app, middleware, handler) =>
			void app.use(prepares).get("/a/things", middleware, handler),
		"by app.use for some paths": (app, middleware, handler) =>
			void app.use("/a/*", prepares).get("/a/things", middleware, handler),
		"in a sub-application": (app, middleware, handler) =>
			void app.route("/a", new Hono().use(prepares).get("/things", middleware, handler)),
		"in a sub-application that handles its own errors": (app, middleware, handler) => {
			const sub = new Hono().use(prepares).get("/things", middleware, handler);
			sub.onError((error, c) => c.text(error.message, 500));
			app.route("/a", sub);
		},
		"around a sub-application": (app, middleware, handler) =>
			void app.use(prepares).route("/a", new Hono().get("/things", middleware, handler)),
		"around one that was mounted": (app, middleware, handler) =>
			void app.use(prepares).basePath("/a").get("/things", middleware, handler),
		"with cached() for all paths": (app, middleware, handler) =>
			void app.use(prepares, middleware).get("/a/things", handler),
	};
	test.each(Object.keys(mounts))("are on hits where it stands %s", async (way) => {
		const { cache } = createTestCache();
		const app = new Hono();
		mounts[way]?.(app, cached(cache, POLICY), (c) => c.json({}));
		for (const [number, isHit] of [
			["1", undefined],
			["2", true],
		] as const) {
			const answer = await app.request("/a/things", of("u1", number));
			await cache.settled();
			expect(statusOf(answer)["hit"]).toBe(isHit as true);
			expect(sent(answer)).toMatchObject({ own: number, cookies: ["of=u1"], after: "1" });
		}
	});
});
