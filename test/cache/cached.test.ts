import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono } from "hono";
import { parseList } from "structured-headers";
import { z } from "zod";
import {
	type CachedOptions,
	type CacheEvent,
	type CacheStore,
	cached,
	createCache,
	createMemoryStore,
	createNoopStore,
	type PolicyOptions,
} from "../../src/cache/index.ts";
import { createTestClock } from "../support/clock.ts";

const POLICY: PolicyOptions = { name: "things", prefix: "things:", ttl: 60, scope: "shared" };

interface Setup {
	policy?: Partial<PolicyOptions>;
	options?: CachedOptions<never>;
	store?: CacheStore;
	/** What the handler answers the n-th time it runs. */
	answer?: (c: Context, run: number) => Response | Promise<Response>;
}

/** One cached route for GET and one for POST over a memory store, with a handler that counts its runs. */
function setUp({ policy, options, store, answer = (c, run) => c.json({ run }) }: Setup = {}) {
	const clock = createTestClock();
	const events: CacheEvent[] = [];
	const cache = createCache({
		store: store ?? createMemoryStore({ clock, maxBytes: 1024 * 1024 }),
		clock,
		listener: (event) => events.push(event),
	});
	let runs = 0;
	const handler = (c: Context) => {
		runs += 1;
		return answer(c, runs);
	};
	const named = (name: string) => ({ ...POLICY, name, prefix: `${name}:` });
	const post = { ...POLICY, name: "posted", prefix: "posted:" };
	const app = new Hono()
		.onError((_, c) => c.text("failed", 500))
		.get("/plain", cached(cache, { ...POLICY, ...policy }, options as never), handler)
		.post("/raw", cached(cache, { ...POLICY, name: "raw", prefix: "raw:" }), handler)
		.post("/of/:id", zValidator("param", z.object({ id: z.string() })), cached(cache, named("of")), handler)
		.get(
			"/in-words",
			zValidator("header", z.object({ "x-lang": z.string() })),
			cached(cache, named("in-words")),
			handler,
		)
		.post(
			"/checked",
			zValidator("json", z.object({ a: z.number(), b: z.string().default("x") })),
			cached(cache, post),
			handler,
		);
	return {
		clock,
		cache,
		events,
		runs: () => runs,
		async get(path = "/plain", init?: RequestInit) {
			const response = await app.request(path, init);
			await cache.settled();
			return response;
		},
		post(path: string, body: string) {
			return this.get(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });
		},
	};
}

/** The parameters of our member of Cache-Status. */
function statusOf(response: Response): Record<string, unknown> {
	const [[, parameters] = [undefined, new Map()]] = parseList(response.headers.get("Cache-Status") ?? "");
	return Object.fromEntries([...(parameters as Map<string, unknown>)].map(([k, v]) => [k, String(v)]));
}

describe("a cached route", () => {
	test("runs its handler once within the fresh time and repeats the answer byte for byte", async () => {
		const app = setUp();
		const first = await app.get();
		app.clock.advance(59_000);
		const second = await app.get();
		expect(app.runs()).toBe(1);
		expect(await second.text()).toBe(await first.text());
		expect(second.status).toBe(200);
		expect(second.headers.get("Content-Type")).toBe(first.headers.get("Content-Type"));
		expect(statusOf(first)).toEqual({ fwd: "uri-miss", stored: "true" });
		expect(statusOf(second)).toEqual({ hit: "true", ttl: "1" });
		expect(second.headers.get("Age")).toBe("59");
	});

	test("runs its handler again when the fresh time is over", async () => {
		const app = setUp();
		await app.get();
		app.clock.advance(60_000);
		expect(await (await app.get()).json()).toEqual({ run: 2 });
	});

	test("takes an entry for expired whose time is over although the store still has it", async () => {
		const memory = createMemoryStore({ clock: () => 0, maxBytes: 10_000 });
		const app = setUp({ store: memory });
		await app.get();
		app.clock.advance(60_000);
		expect(await (await app.get()).json()).toEqual({ run: 2 });
		expect(app.events).toContainEqual(expect.objectContaining({ type: "miss", reason: "expired" }));
	});

	test("keeps different queries apart and does not mind their order", async () => {
		const app = setUp();
		await app.get("/plain?a=1&b=2");
		await app.get("/plain?b=2&a=1");
		await app.get("/plain?a=1&b=3");
		expect(app.runs()).toBe(2);
	});

	test("tells clients and proxies that the answer is the caller's own", async () => {
		const app = setUp();
		for (const response of [await app.get(), await app.get()]) {
			expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
			expect(response.headers.get("Vary")).toBe("Accept-Encoding, Authorization, Cookie");
		}
	});

	test("answers HEAD from what GET stored, and HEAD never spoils a later GET", async () => {
		const app = setUp();
		await app.get("/plain", { method: "HEAD" });
		expect(await (await app.get()).json()).toEqual({ run: 2 });
		const head = await app.get("/plain", { method: "HEAD" });
		expect(statusOf(head)).toMatchObject({ hit: "true" });
		expect(await head.text()).toBe("");
	});

	test("keeps POST bodies apart that differ, and together that mean the same", async () => {
		const app = setUp();
		await app.post("/checked", '{"a": 1}');
		await app.post("/checked", '{ "b":"x", "a": 1.0 }');
		expect(app.runs()).toBe(1);
		await app.post("/checked", '{"a": 2}');
		await app.post("/checked", '{"a": 1, "b": "y"}');
		expect(app.runs()).toBe(3);
	});

	test("does not answer a body that nobody validated from the cache", async () => {
		const app = setUp();
		await app.post("/raw", '{"a": 1}');
		const second = await app.post("/raw", '{"a": 2}');
		expect(app.runs()).toBe(2);
		expect(statusOf(second)).toEqual({ fwd: "bypass", detail: "body-not-validated" });
	});

	test("does not answer a body that nobody validated from what was asked with another, whatever else was", async () => {
		const app = setUp();
		await app.post("/of/1", '{"a": 1}');
		expect(await (await app.post("/of/1", '{"a": 2}')).json()).toEqual({ run: 2 });
	});

	test("keeps answers apart by a header that was validated", async () => {
		const app = setUp();
		await app.get("/in-words", { headers: { "X-Lang": "ar" } });
		expect(await (await app.get("/in-words", { headers: { "X-Lang": "en" } })).json()).toEqual({ run: 2 });
		expect(await (await app.get("/in-words", { headers: { "X-Lang": "ar" } })).json()).toEqual({ run: 1 });
	});

	test.each([
		["404", (c: Context) => c.json({}, 404), "status"],
		["500", (c: Context) => c.json({}, 500), "status"],
		["204", (c: Context) => c.body(null, 204), "status"],
		["302", (c: Context) => c.redirect("/elsewhere"), "status"],
		["a cookie", (c: Context) => c.json({}, 200, { "Set-Cookie": "a=b" }), "set-cookie"],
		["no-store", (c: Context) => c.json({}, 200, { "Cache-Control": "No-Store" }), "cache-control"],
		["private", (c: Context) => c.json({}, 200, { "Cache-Control": "max-age=9 ,private" }), "cache-control"],
		["too much", (c: Context) => c.body("x".repeat(2_000)), "too-large"],
	])("does not store an answer with %s", async (_, answer, reason) => {
		const app = setUp({ answer, policy: { maxEntryBytes: 1_000 } });
		expect(statusOf(await app.get())).toEqual({ fwd: "uri-miss", detail: reason });
		await app.get();
		expect(app.runs()).toBe(2);
		expect(app.events).toContainEqual(expect.objectContaining({ type: "refused", reason }));
	});

	test("does not store a failure, and answers it as the application does", async () => {
		const app = setUp({
			answer: (c, run) => {
				if (run === 1) throw new Error("no luck");
				return c.json({ run });
			},
		});
		expect((await app.get()).status).toBe(500);
		expect(await (await app.get()).json()).toEqual({ run: 2 });
	});

	test("is run anew once a tag of it is invalidated, and others are not", async () => {
		const app = setUp({ options: { tags: (c: Context) => [`area:${c.req.query("area")}`] } as never });
		await app.get("/plain?area=1");
		await app.get("/plain?area=2");
		await app.cache.invalidate(["area:1"]);
		expect(statusOf(await app.get("/plain?area=2"))).toMatchObject({ hit: "true" });
		expect(statusOf(await app.get("/plain?area=1"))).toMatchObject({ fwd: "uri-miss" });
		expect(app.runs()).toBe(3);
	});

	test("does not serve what a handler read before its tag was invalidated", async () => {
		const app = setUp({
			options: { tags: () => ["t"] },
			answer: async (c, run) => {
				if (run === 1) await app.cache.invalidate(["t"]);
				return c.json({ run });
			},
		});
		await app.get();
		expect(await (await app.get()).json()).toEqual({ run: 2 });
	});

	test("of scope caller never shares an answer between callers", async () => {
		const app = setUp({
			policy: { scope: "caller" },
			options: { caller: (c: Context) => [c.req.header("x-user") ?? ""] } as never,
		});
		const as = (user: string) => app.get("/plain", { headers: { "X-User": user } });
		await as("u1");
		await as("u2");
		expect(await (await as("u1")).json()).toEqual({ run: 1 });
		expect(app.runs()).toBe(2);
	});

	test("asks for admission before the handler runs and not for hits", async () => {
		let asked = 0;
		const admit = () => {
			asked += 1;
		};
		const app = setUp({ options: { admit } });
		await app.get();
		await app.get();
		expect(asked).toBe(1);
	});

	test("asks for no admission while its store fails or keeps nothing", async () => {
		const admit = () => Promise.reject(new Error("refused"));
		const broken = () => Promise.reject(new Error("broken"));
		for (const store of [createNoopStore(), { name: "broken", get: broken, set: broken, delete: broken }]) {
			expect((await setUp({ store, options: { admit } }).get()).status).toBe(200);
		}
	});

	test("over a store that keeps nothing says so, and never that something was stored", async () => {
		const app = setUp({ store: createNoopStore() });
		await app.get();
		expect(statusOf(await app.get())).toEqual({ fwd: "bypass", detail: "cache-off" });
		expect(app.runs()).toBe(2);
		expect(app.events.map((event) => event.type)).not.toContain("stored");
	});

	test("works without its store when that rejects, and counts the failures", async () => {
		const broken = () => Promise.reject(new Error("broken"));
		const app = setUp({ store: { name: "broken", get: broken, set: broken, delete: broken } });
		const response = await app.get();
		expect(await response.json()).toEqual({ run: 1 });
		expect(statusOf(response)).toEqual({ fwd: "miss", detail: "store-failed-before" });
		expect(app.events).toContainEqual(expect.objectContaining({ type: "store-failed", operation: "read" }));
	});

	test("works when only writing fails", async () => {
		const clock = createTestClock();
		const memory = createMemoryStore({ clock, maxBytes: 10_000 });
		const app = setUp({ store: { ...memory, set: () => Promise.reject(new Error("full")) } });
		expect((await app.get()).status).toBe(200);
		expect((await app.get()).status).toBe(200);
		expect(app.events).toContainEqual(expect.objectContaining({ type: "store-failed", operation: "write" }));
	});

	test("replaces an entry that it cannot read", async () => {
		const clock = createTestClock();
		const memory = createMemoryStore({ clock, maxBytes: 10_000 });
		const garbled: CacheStore = {
			...memory,
			set: (key, value, ttl) => memory.set(key, runs === 0 ? value.subarray(0, 40) : value, ttl),
		};
		let runs = 0;
		const app = setUp({ store: garbled, answer: (c, run) => c.json({ run }) });
		await app.get();
		runs = 1;
		expect(await (await app.get()).json()).toEqual({ run: 2 });
		expect(await (await app.get()).json()).toEqual({ run: 2 });
	});

	test("keeps the headers of the answer but not those of the exchange", async () => {
		const app = setUp({
			answer: (c) => c.json({}, 200, { "X-Request-Id": "first", "X-Model": "m1", Age: "7" }),
		});
		await app.get();
		const hit = await app.get();
		expect(hit.headers.get("X-Model")).toBe("m1");
		expect(hit.headers.get("X-Request-Id")).toBeNull();
		expect(hit.headers.get("Age")).toBe("0");
	});
});
