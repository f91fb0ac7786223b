import { afterEach, describe, expect, test } from "bun:test";
import { type Context, Hono } from "hono";
import { validator } from "hono/validator";
import { cached } from "../../src/cache/cached.ts";
import { createEntryCodec } from "../../src/cache/entry.ts";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createTestCache, type Made, POLICY, setUp, statusOf, streamOf } from "./http-setup.ts";
import { createTestClock } from "./support/clock.ts";

const servers: { stop(force: boolean): unknown }[] = [];

afterEach(async () => {
	for (const server of servers.splice(0)) await server.stop(true);
});

/** On a real socket, as platforms are more lenient there than in memory. */
function serve(app: Hono): string {
	const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
	servers.push(server);
	return `http://127.0.0.1:${server.port}/things`;
}

describe("who asks cannot", () => {
	test.each([
		["Range", { headers: { Range: "bytes=0-" } }],
		["a body of a type that is not keyed", { method: "POST", body: "x" }],
		["another method", { method: "PUT" }],
	])("4, 14: make the handler run past admission by %s", async (_, init) => {
		const made = setUp({
			options: {
				admit: () => {
					throw Object.assign(new Error("too many"), { status: 429 });
				},
			},
		});
		const response = await made.ask("/things", init);
		expect([response.status, await response.text(), made.runs()]).toEqual([429, "too many", 0]);
		expect(statusOf(response)["fwd"]).toBe("bypass");
	});

	test.each(["/of/..%5Csecret", "/of/a%09b", "/of/a%20", "/of/a%00b", "/of/%C3%A9", "/of/a%3Fb%23c"])(
		"8: make the handler see another address than the one that was checked: %s",
		async (path) => {
			const answer = (c: Context) => c.json([c.req.path, decodeURIComponent(new URL(c.req.url).pathname)]);
			const made = setUp({ path: "/of/*", answer });
			const plain = new Hono().get("/of/*", answer);
			expect(await (await made.ask(path)).json()).toEqual(await (await plain.request(path)).json());
		},
	);

	test("3, 4: have a number answered for another one that only some readers tell apart", async () => {
		const made = setUp({ answer: async (c) => c.text(await c.req.text()) });
		for (const body of ['{"account":9007199254740993}', '{"account":9007199254740992}']) {
			expect(await (await made.post(body)).text()).toBe(body);
		}
		expect(made.runs()).toBe(2);
		const { runs } = made;
		await made.post('{"account":9007199254740991}');
		expect(statusOf(await made.post('{ "account": 9007199254740991 }'))).toMatchObject({ hit: true });
		expect(runs()).toBe(3);
	});
});

describe("a careless handler", () => {
	test("6, 11: that answers with a constant gives nobody the headers of others", async () => {
		const nothing = new Response(null, { status: 404 });
		const typed = new Response(null, { status: 404, headers: { "Content-Type": "text/plain" } });
		for (const constant of [nothing, typed]) {
			let asked = 0;
			const before = async (c: Context, next: () => Promise<void>) => {
				asked += 1;
				c.header("Set-Cookie", `session=${asked}`);
				c.header("X-Asked", String(asked));
				await next();
			};
			const made = setUp({ before: [before], answer: () => constant });
			for (const turn of ["1", "2", "3"]) {
				const { headers } = await made.ask();
				expect([headers.getSetCookie(), headers.get("X-Asked")]).toEqual([[`session=${turn}`], turn]);
			}
			expect([...constant.headers.keys()]).not.toContain("set-cookie");
		}
	});

	test("20: that streams from one and the same piece of memory is stored as it was sent", async () => {
		const memory = new Uint8Array(4);
		let read = 0;
		const source = () =>
			new ReadableStream({
				async pull(controller) {
					await Bun.sleep(2);
					read += 1;
					memory.fill(96 + read);
					if (read > 3) controller.close();
					else controller.enqueue(memory);
				},
			});
		const made = setUp({ answer: (c) => c.body(source()) });
		expect(await (await made.ask()).text()).toBe("aaaabbbbcccc");
		expect(await (await made.ask()).text()).toBe("aaaabbbbcccc");
		expect(made.runs()).toBe(1);
	});

	test.each([
		["text", ["one ", "two"]],
		["buffers", ["one ", "two"].map((text) => new TextEncoder().encode(text).buffer)],
		["other views", ["one ", "two"].map((text) => new DataView(new TextEncoder().encode(text).buffer))],
	])("20: that streams %s, which the platform takes, is stored all the same", async (_, chunks) => {
		const source = () =>
			new ReadableStream({
				start(controller) {
					for (const chunk of chunks) controller.enqueue(chunk);
					controller.close();
				},
			});
		const made = setUp({ answer: (c) => c.body(source()) });
		const url = serve(made.app);
		for (const _ of [1, 2]) expect(await (await fetch(url)).text()).toBe("one two");
		expect(made.runs()).toBe(1);
	});

	test("12: that says when its answer expires is believed, although it does not say what time it is", async () => {
		const expiring = async (seconds: number) => {
			const made: Made = setUp({
				answer: (c) => c.json({}, 200, { Expires: new Date(made.clock() + seconds * 1000).toUTCString() }),
			});
			await made.ask();
			return statusOf(await made.ask());
		};
		expect(await expiring(-3600)).toEqual({ fwd: "uri-miss", detail: "cache-control" });
		expect(await expiring(20)).toEqual({ hit: true, ttl: 20 });
	});
});

describe("caches between us and the client", () => {
	const shared = { policy: { audience: "public" as const } };

	test("13, 17: are told of headers and cookies that were validated and so select the answer", async () => {
		const made = setUp({
			...shared,
			before: [
				validator("header", (headers) => ({ "x-lang": headers["x-lang"] ?? "en" })),
				validator("cookie", (cookies) => ({ theme: cookies["theme"] ?? "light" })),
			],
			answer: (c, run) => (run === 1 ? c.json({}) : c.json({}, 404)),
		});
		for (const path of ["/things", "/things", "/things"]) {
			const { headers } = await made.ask(path, { headers: { "X-Lang": "ar" } });
			expect(headers.get("Vary")?.toLowerCase().split(", ").sort()).toEqual([
				"accept-encoding",
				"cookie",
				"x-lang",
			]);
			made.clock.advance(31_000);
		}
		expect(made.runs()).toBe(2);
	});

	test("11, 15: may not keep an answer with a cookie, public or not", async () => {
		const renewSession = (c: Context, next: () => Promise<void>) => {
			c.header("Set-Cookie", "session=renewed");
			return next();
		};
		const stored = setUp({ ...shared, before: [renewSession] });
		const own = setUp({
			...shared,
			answer: (c) => c.json({}, 200, { "Set-Cookie": "a=b", "Cache-Control": "public, max-age=60" }),
		});
		for (const made of [stored, own]) {
			for (const response of [await made.ask(), await made.ask()]) {
				expect(response.headers.getSetCookie()).toHaveLength(1);
				expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
			}
		}
	});

	test("15: are not let past Cache-Control by a header of their own where callers sign in", async () => {
		const targeted = {
			"CDN-Cache-Control": "max-age=600",
			"Example-CDN-Cache-Control": "max-age=600",
			"Surrogate-Control": "max-age=600",
		};
		for (const status of [200, 404, 500] as const) {
			const made = setUp({ answer: (c) => c.json({}, status, targeted) });
			for (const { headers } of [await made.ask(), await made.ask("/things", { method: "PUT" })]) {
				for (const name of Object.keys(targeted)) expect(headers.get(name)).toBeNull();
			}
		}
		const open = setUp({ ...shared, answer: (c) => c.json({}, 200, targeted) });
		expect((await open.ask()).headers.get("CDN-Cache-Control")).toBe("max-age=600");
	});

	test("15: are told no more than the handler allows, also of what is not stored", async () => {
		const made = setUp({ answer: (c) => c.json({}, 404, { "Cache-Control": "public, no-transform" }) });
		expect((await made.ask()).headers.get("Cache-Control")).toBe("private, no-cache, no-transform");
	});
});

describe("what comes from the store", () => {
	test.each([
		["transfer-encoding", "chunked"],
		["content-length", "1"],
		["Set-Cookie", "session=theirs"],
		["connection", "x-request-id"],
	])("39: with %s, which no entry of ours has, is a miss and replaced", async (name, value) => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 100_000 });
		const made = setUp({ cache: { store, clock } });
		await made.ask();
		const [filled] = made.events.filter((event) => event.type === "filled");
		const key = filled?.key ?? "";
		const codec = createEntryCodec();
		const entry = codec.decode(key, (await store.get(key))?.value ?? new Uint8Array());
		if (!entry) throw new Error("Nothing was stored");
		await store.set(key, codec.encode(key, { ...entry, headers: [...entry.headers, [name, value]] }), 60_000);
		for (const _ of [1, 2]) {
			const response = await made.ask();
			expect(await response.json()).toEqual({ run: 2 });
			expect(response.headers.getSetCookie()).toEqual([]);
		}
	});
});

describe("an answer", () => {
	test("18: to a POST has no entity tag, as it is no representation of its address", async () => {
		const made = setUp();
		for (const response of [await made.post("{}"), await made.post("{}")]) {
			expect(response.headers.get("ETag")).toBeNull();
		}
		expect((await made.ask()).headers.get("ETag")).not.toBeNull();
	});

	test("19, 28: that there is none is a text on the wire, too", async () => {
		const { cache } = createTestCache();
		const app = new Hono().get("/things", cached(cache, POLICY), (c) => c.json({}));
		const response = await fetch(serve(app), { headers: { "Cache-Control": "only-if-cached" } });
		expect([response.status, await response.text()]).toEqual([504, "only-if-cached"]);
		expect(response.headers.get("Content-Type")?.toLowerCase()).toBe("text/plain; charset=utf-8");
	});

	test("10: to an error has the status that the application gives that error", async () => {
		class Missing extends Error {}
		const { cache } = createTestCache({ statusOf: (error) => (error instanceof Missing ? 404 : 500) });
		const app = new Hono()
			.onError((error, c) => c.text("gone", error instanceof Missing ? 404 : 500))
			.get("/things", cached(cache, POLICY), () => {
				throw new Missing();
			});
		const response = await app.request("/things");
		expect([response.status, statusOf(response)]).toEqual([404, { fwd: "uri-miss", detail: "status" }]);
	});

	test("14: that streams keeps the headers of its asker from the copy that is stored", async () => {
		let asked = 0;
		const before = async (c: Context, next: () => Promise<void>) => {
			asked += 1;
			c.header("X-Asked", String(asked));
			await next();
			if (asked === 1) c.res.headers.set("X-First", "yes");
		};
		const made = setUp({ before: [before], answer: (c) => c.body(streamOf(["one ", "two"], 15)) });
		expect(await (await made.app.request("/things")).text()).toBe("one two");
		await made.cache.settled();
		const { headers } = await made.ask();
		expect([headers.get("X-Asked"), headers.get("X-First")]).toEqual(["2", null]);
	});
});
