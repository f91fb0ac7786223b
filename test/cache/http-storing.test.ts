import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import type { Context } from "hono";
import { z } from "zod";
import { createMemoryStore } from "../../src/cache/stores/memory.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { type Made, setUp, statusOf, streamOf } from "./http-setup.ts";
import { createTestClock } from "./support/clock.ts";

type Answer = (c: Context) => Response;

describe("what is stored", () => {
	test.each([200, 203, 301, 308])("10: an answer with %i is", async (status) => {
		const made = setUp({ answer: (c: Context) => c.text("x", status as 200, { Location: "/there" }) });
		expect(statusOf(await made.ask())).toEqual({ fwd: "uri-miss", stored: true });
		const hit = await made.ask();
		expect([hit.status, hit.headers.get("Location"), made.runs()]).toEqual([status, "/there", 1]);
	});

	test.each([204, 206, 302, 303, 304, 307, 400, 404, 410, 422])(
		"10: an answer with %i is not",
		async (status) => {
			const made = setUp({
				answer: () => new Response([204, 304].includes(status) ? null : "x", { status }),
			});
			for (const run of [1, 2]) {
				const response = await made.ask();
				expect(response.status).toBe(status);
				expect(statusOf(response)).toEqual({ fwd: "uri-miss", detail: "status" });
				expect(made.runs()).toBe(run);
			}
		},
	);

	test("10: an answer with 500 or a thrown error is not, and is tried again after a pause", async () => {
		for (const fail of [(c: Context) => c.text("broken", 500), () => Promise.reject(new Error("broken"))]) {
			const made = setUp({ answer: (c, run) => (run === 1 ? fail(c) : c.json({ run })) });
			const failed = await made.ask();
			expect([failed.status, await failed.text()]).toEqual([500, "broken"]);
			expect(statusOf(failed)).toEqual({ fwd: "uri-miss", "fwd-status": 500 });
			const soon = await made.ask();
			expect(soon.status).toBe(503);
			expect(soon.headers.get("Retry-After")).toBe("1");
			made.clock.advance(10_000);
			expect(await (await made.ask()).json()).toEqual({ run: 2 });
		}
	});

	test("11: an answer with Set-Cookie is not, and those who waited get none of it", async () => {
		const made = setUp({
			answer: async (c, run) => {
				await Bun.sleep(10);
				return c.json({ run }, 200, { "Set-Cookie": `session=${run}` });
			},
		});
		const answers = await Promise.all(Array.from({ length: 4 }, () => made.app.request("/things")));
		const cookies = answers.flatMap((answer) => answer.headers.getSetCookie());
		expect(new Set(cookies).size).toBe(4);
		expect(made.runs()).toBe(4);
		expect(statusOf(await made.ask())).toEqual({ fwd: "uri-miss", detail: "set-cookie" });
	});

	test("11, 26: Set-Cookie of a failure is for nobody", async () => {
		const made = setUp({
			answer: (c) => c.text("broken", 502, { "Set-Cookie": "a=b", "X-Why": "upstream" }),
		});
		const response = await made.ask();
		expect([response.status, response.headers.get("X-Why")]).toEqual([502, "upstream"]);
		expect(response.headers.getSetCookie()).toEqual([]);
	});

	test.each([
		"private",
		"No-Store",
		"max-age=60 ,no-cache",
		'NO-CACHE="x"',
		"max-age=0",
		"public,s-maxage=0",
	])("12: an answer with Cache-Control: %s is not", async (value) => {
		const made = setUp({ answer: (c) => c.json({}, 200, { "Cache-Control": value }) });
		expect(statusOf(await made.ask())).toEqual({ fwd: "uri-miss", detail: "cache-control" });
		await made.ask();
		expect(made.runs()).toBe(2);
	});

	test("12: a directive shortens the fresh time, and lengthens it only where the policy says so", async () => {
		const ttlOf = async (value: string, honourOrigin: boolean) => {
			const made = setUp({
				policy: { honourOrigin },
				answer: (c) => c.json({}, 200, { "Cache-Control": value }),
			});
			await made.ask();
			return statusOf(await made.ask())["ttl"];
		};
		expect(await ttlOf("max-age=30", false)).toBe(30);
		expect(await ttlOf("max-age=600", false)).toBe(60);
		expect(await ttlOf("max-age=600", true)).toBe(600);
		expect(await ttlOf("s-maxage=90, max-age=600", true)).toBe(90);
	});

	test.each(["s-maxage=30", "max-age=30, must-revalidate", "max-age=30, proxy-revalidate"])(
		"12, 33: %s forbids giving it stale",
		async (value) => {
			const made = setUp({
				policy: { staleWhileRevalidate: 600, staleIfError: 600 },
				answer: (c, run) => c.json({ run }, 200, { "Cache-Control": value }),
			});
			await made.ask();
			made.clock.advance(31_000);
			expect(await (await made.ask()).json()).toEqual({ run: 2 });
		},
	);

	test.each([
		["Vary: *", "*", {}],
		["a header that is not in the key", "X-Lang, X-Other", { vary: ["X-Lang"] }],
	])("13: an answer with %s is not", async (_, vary, policy) => {
		const made = setUp({ policy, answer: (c) => c.json({}, 200, { Vary: vary }) });
		expect(statusOf(await made.ask())).toEqual({ fwd: "uri-miss", detail: "vary" });
	});

	test("13: a listed header has an entry for each value, and absent is a value of its own", async () => {
		const made = setUp({
			policy: { vary: ["X-Lang"] },
			answer: (c, run) => c.json({ run }, 200, { Vary: "x-lang" }),
		});
		const ask = (headers: Record<string, string>) => made.ask("/things", { headers });
		await ask({ "X-Lang": "ar" });
		await ask({ "x-lang": "en" });
		await ask({ "X-Lang": "" });
		const absent = await ask({});
		expect(made.runs()).toBe(4);
		expect(await (await ask({ "X-Lang": "ar" })).json()).toEqual({ run: 1 });
		expect(await (await ask({})).json()).toEqual({ run: 4 });
		expect(absent.headers.get("Vary")?.toLowerCase()).toContain("x-lang");
	});

	test("13: a validated header may be varied by", async () => {
		const lang = zValidator("header", z.object({ "x-lang": z.string() }));
		const made = setUp({ before: [lang], answer: (c, run) => c.json({ run }, 200, { Vary: "X-Lang" }) });
		const ask = (value: string) => made.ask("/things", { headers: { "X-Lang": value } });
		expect(statusOf(await ask("ar"))).toEqual({ fwd: "uri-miss", stored: true });
		await ask("en");
		expect(await (await ask("ar")).json()).toEqual({ run: 1 });
	});

	test("14: a request for a range goes past the cache, also where the whole is stored", async () => {
		const made = setUp({ answer: (c) => c.text(c.req.header("range") ?? "whole") });
		await made.ask();
		const part = await made.ask("/things", { headers: { Range: "bytes=0-1" } });
		expect(await part.text()).toBe("bytes=0-1");
		expect(statusOf(part)).toEqual({ fwd: "bypass", detail: "range" });
		expect(await (await made.ask()).text()).toBe("whole");
		expect(made.runs()).toBe(2);
	});

	test("14: more than maxEntryBytes is not stored, whether its length is known or not", async () => {
		const known: Answer = (c) => c.body("x".repeat(2_001), 200, { "Content-Length": "2001" });
		const unknown: Answer = (c) => c.body("x".repeat(2_001));
		const streamed: Answer = (c) => c.body(streamOf(Array.from({ length: 2_001 }, () => "x")));
		for (const answer of [known, unknown, streamed]) {
			const made = setUp({ answer, policy: { maxEntryBytes: 2_000 } });
			for (const run of [1, 2]) {
				const response = await made.ask();
				expect((await response.text()).length).toBe(2_001);
				expect(["too-large", "streaming"]).toContain(statusOf(response)["detail"] as string);
				expect(made.runs()).toBe(run);
			}
			await made.cache.settled();
			expect(made.events).toContainEqual(expect.objectContaining({ type: "refused", reason: "too-large" }));
			expect(made.events.map((event) => event.type)).not.toContain("filled");
		}
	});

	test("40: purging a tag runs what carries it anew, and nothing else", async () => {
		const made = setUp({ options: { tags: (c: Context) => [`area:${c.req.query("area")}`] } });
		await made.ask("/things?area=1");
		await made.ask("/things?area=2");
		await made.cache.purge({ tags: ["area:1"] });
		expect(statusOf(await made.ask("/things?area=2"))).toMatchObject({ hit: true });
		expect(statusOf(await made.ask("/things?area=1"))).toEqual({ fwd: "uri-miss", stored: true });
		expect(made.runs()).toBe(3);
	});

	test("42: what a handler read before its tag was purged is not served to others", async () => {
		const made: Made = setUp({
			options: { tags: () => ["t"] },
			answer: async (c, run) => {
				if (run === 1) await made.cache.purge({ tags: ["t"] });
				return c.json({ run });
			},
		});
		expect(await (await made.ask()).json()).toEqual({ run: 1 });
		expect(await (await made.ask()).json()).toEqual({ run: 2 });
	});

	test("39: an entry that cannot be read is replaced", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 100_000 });
		const made = setUp({ cache: { store, clock } });
		await made.ask();
		const [filled] = made.events.filter((event) => event.type === "filled");
		await store.set(filled?.key ?? "", new Uint8Array([1, 2, 3]), 60_000);
		expect(await (await made.ask()).json()).toEqual({ run: 2 });
		expect(await (await made.ask()).json()).toEqual({ run: 2 });
	});

	test("39: an entry whose compressed body is broken is replaced for whoever needs it plain", async () => {
		const clock = createTestClock();
		const store = createMemoryStore({ clock, maxBytes: 100_000 });
		const made = setUp({
			cache: { store, clock },
			answer: (c, run) => c.json({ run, filler: "x".repeat(5_000) }),
		});
		await made.ask();
		const [filled] = made.events.filter((event) => event.type === "filled");
		const stored = (await store.get(filled?.key ?? ""))?.value.slice() ?? new Uint8Array();
		stored.fill(0xff, stored.byteLength - 12);
		await store.set(filled?.key ?? "", stored, 60_000);
		expect(await (await made.ask()).json()).toMatchObject({ run: 2 });
		expect(await (await made.ask()).json()).toMatchObject({ run: 2 });
	});

	test("a store that keeps nothing is said to be off, and nobody has to be admitted", async () => {
		const made = setUp({
			cache: { store: createNoopStore() },
			options: { admit: () => Promise.reject(new Error("refused")) },
		});
		for (const run of [1, 2]) {
			const response = await made.ask();
			expect(await response.json()).toEqual({ run });
			expect(statusOf(response)).toEqual({ fwd: "bypass", detail: "cache-off" });
			expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
		}
	});

	test("35: without its store the route works, nobody has to be admitted, and failures are counted", async () => {
		const broken = () => Promise.reject(new Error("broken"));
		const made = setUp({
			cache: { store: { name: "broken", get: broken, set: broken, delete: broken } },
			options: { admit: () => Promise.reject(new Error("refused")) },
		});
		const response = await made.ask();
		expect(await response.json()).toEqual({ run: 1 });
		expect(statusOf(response)).toEqual({ fwd: "miss", detail: "store-failed" });
		expect(made.events).toContainEqual(expect.objectContaining({ type: "store-failed", operation: "read" }));
	});

	test("asks for admission before the handler runs and not for hits; who is refused hears it", async () => {
		let asked = 0;
		const admit = () => {
			asked += 1;
			if (asked === 2) throw Object.assign(new Error("too many"), { status: 429 });
		};
		const made = setUp({ options: { admit } });
		await made.ask();
		await made.ask();
		expect(asked).toBe(1);
		const refused = await made.ask("/things?other=1");
		expect([refused.status, await refused.text()]).toEqual([429, "too many"]);
		expect(refused.headers.get("Cache-Status")).not.toBeNull();
		expect(made.runs()).toBe(1);
		expect((await made.ask("/things?other=1")).status).toBe(200);
	});
});
