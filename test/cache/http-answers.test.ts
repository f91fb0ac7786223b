import { describe, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Context } from "hono";
import { setUp, statusOf, streamOf } from "./http-setup.ts";

const GZIP = { headers: { "Accept-Encoding": "gzip" } };
const LONG = JSON.stringify({ names: Array.from({ length: 400 }, (_, i) => `مجتمع ${i % 7}`) });

describe("what is said about an answer", () => {
	test("15: behind signing in a browser has to ask again each time, and is told the age", async () => {
		const made = setUp({ answer: (c) => c.json({}, 200, { "Cache-Control": "public, max-age=600" }) });
		const first = await made.ask();
		made.clock.advance(42_500);
		const second = await made.ask();
		for (const { headers } of [first, second]) {
			expect(headers.get("Cache-Control")).toBe("private, no-cache");
			expect(headers.get("ETag")).toMatch(/^"[^"]+"$/);
		}
		expect([first.headers.get("Age"), second.headers.get("Age")]).toEqual(["0", "42"]);
	});

	test("15: in public the full lifetime is told, with the stored date and the age, so it is counted once", async () => {
		const made = setUp({ policy: { audience: "public" } });
		const { headers: first } = await made.ask();
		made.clock.advance(42_000);
		const { headers: second } = await made.ask();
		for (const headers of [first, second]) {
			expect(headers.get("Cache-Control")).toBe("public, max-age=60");
			expect(headers.get("Date")).toBe("Sat, 01 Aug 2026 08:00:00 GMT");
		}
		expect(second.get("Age")).toBe("42");
		expect(second.get("Vary")).toBe("Accept-Encoding");
	});

	test("15: an answer that may not be kept is never advertised as one that may", async () => {
		const says = async (value: string | undefined, status = 404) => {
			const made = setUp({
				answer: (c) => c.json({}, status as 404, value ? { "Cache-Control": value } : {}),
			});
			return (await made.ask()).headers.get("Cache-Control");
		};
		expect(await says("public, max-age=60")).toBe("private, no-cache");
		expect(await says(undefined)).toBe("private, no-cache");
		expect(await says("no-store")).toBe("no-store");
		expect(await says("no-store", 500)).toBe("no-store");
		const throwing = setUp({ answer: () => Promise.reject(new Error("broken")) });
		throwing.app.onError((error, c) => c.text(error.message, 500, { "Cache-Control": "no-store" }));
		expect((await throwing.ask()).headers.get("Cache-Control")).toBe("no-store");
	});

	test("16: Cache-Status tells hit, stale, miss, waiting, bypass and failure apart", async () => {
		const made = setUp({
			policy: { staleWhileRevalidate: 30, staleIfError: 600 },
			answer: async (c, run) => {
				await Bun.sleep(5);
				return run > 2 ? c.text("broken", 503) : c.json({ run });
			},
		});
		const cold = await Promise.all([made.app.request("/things"), made.app.request("/things")]);
		expect(cold.map(statusOf)).toEqual([
			{ fwd: "uri-miss", stored: true },
			{ fwd: "uri-miss", collapsed: true },
		]);
		await made.cache.settled();
		made.clock.advance(20_000);
		expect(statusOf(await made.ask())).toEqual({ hit: true, ttl: 40 });
		made.clock.advance(41_000);
		expect(statusOf(await made.ask())).toEqual({ hit: true, ttl: -1 });
		made.clock.advance(60_000 + 31_000);
		expect(statusOf(await made.ask())).toEqual({ fwd: "stale", "fwd-status": 503 });
		expect(statusOf(await made.ask("/things?x=1"))).toEqual({ fwd: "uri-miss", "fwd-status": 503 });
		expect(statusOf(await made.ask("/things", { method: "PUT" }))).toEqual({
			fwd: "bypass",
			detail: "method",
		});
	});

	test("16: the key is told in debug mode only", async () => {
		for (const debug of [true, false]) {
			const made = setUp({ cache: { debug } });
			for (const response of [await made.ask(), await made.ask()]) {
				const { key } = statusOf(response);
				if (debug) expect(key).toMatch(/^things:[0-9a-f]{32}$/);
				else expect(key).toBeUndefined();
			}
		}
	});

	test("17: Vary names what selects the answer, on every answer of the route", async () => {
		const answers: [(c: Context) => Response, RequestInit][] = [
			[(c) => c.json({}), {}],
			[(c) => c.json({}, 404), {}],
			[(c) => c.text("broken", 500), {}],
			[(c) => c.json({}, 200, { Vary: "authorization, X-Lang" }), {}],
			[(c) => c.json({}), { method: "PUT" }],
		];
		for (const [answer, init] of answers) {
			const made = setUp({ answer, policy: { vary: ["X-Lang"] } });
			for (const response of [await made.ask("/things", init), await made.ask("/things", init)]) {
				const names = (response.headers.get("Vary") ?? "").toLowerCase().split(", ").sort();
				expect(names).toEqual(["accept-encoding", "authorization", "cookie", "x-lang"]);
			}
		}
	});

	test("19: a client cannot have an answer worked out anew, unless it may", async () => {
		const made = setUp({ options: { mayRenew: (c: Context) => c.req.header("x-role") === "admin" } });
		await made.ask();
		for (const value of ["no-cache", "max-age=0", "No-Cache"]) {
			const headers = { "Cache-Control": value };
			expect(statusOf(await made.ask("/things", { headers }))).toMatchObject({ hit: true });
		}
		expect(made.runs()).toBe(1);
		const headers = { "Cache-Control": "no-cache", "X-Role": "admin" };
		expect(await (await made.ask("/things", { headers })).json()).toEqual({ run: 2 });
		expect(await (await made.ask()).json()).toEqual({ run: 2 });
		await made.ask("/things", { headers: { "X-Role": "admin" } });
		expect(made.runs()).toBe(2);
	});

	test("19: only-if-cached is answered from the cache or with 504", async () => {
		const made = setUp();
		const headers = { "Cache-Control": "only-if-cached" };
		const miss = await made.ask("/things", { headers });
		expect([miss.status, made.runs()]).toEqual([504, 0]);
		expect(statusOf(miss)).toEqual({ detail: "only-if-cached" });
		await made.ask();
		expect(statusOf(await made.ask("/things", { headers }))).toMatchObject({ hit: true });
	});

	test("19: the application says how it answers what is not available", async () => {
		const made = setUp({
			options: {
				unavailable: (c, { status, why }) => c.json({ problem: why }, status, { "Retry-After": "3" }),
			},
		});
		const response = await made.ask("/things", { headers: { "Cache-Control": "only-if-cached" } });
		expect([response.status, await response.json()]).toEqual([504, { problem: "only-if-cached" }]);
		expect(response.headers.get("Retry-After")).toBe("3");
		expect(statusOf(response)).toEqual({ detail: "only-if-cached" });
	});
});

describe("conditional requests", () => {
	test.each([
		["exact", (tag: string) => tag],
		["weak", (tag: string) => `W/${tag}`],
		["in a list", (tag: string) => `"other", W/"x,y" , ${tag}`],
		["any", () => "*"],
	])("18: If-None-Match, %s, is answered 304, also on the miss that filled it", async (_, match) => {
		const tag = (await setUp().ask()).headers.get("ETag") ?? "";
		const made = setUp();
		const init = {
			headers: { "If-None-Match": match(tag), "If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT" },
		};
		for (const response of [await made.ask("/things", init), await made.ask("/things", init)]) {
			expect([response.status, await response.text()]).toEqual([304, ""]);
			expect(response.headers.get("ETag")).toBe(tag);
			for (const name of ["Cache-Control", "Vary", "Date", "Age", "Cache-Status"]) {
				expect(response.headers.get(name)).not.toBeNull();
			}
			expect(response.headers.get("Content-Length")).toBeNull();
		}
		expect(made.runs()).toBe(1);
	});

	test("18: another tag is answered in full, and a POST always is", async () => {
		const made = setUp({ answer: (c) => c.json({}) });
		const tag = (await made.ask()).headers.get("ETag") ?? "";
		expect((await made.ask("/things", { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
		expect((await made.post("{}", { headers: { "If-None-Match": tag } })).status).toBe(200);
		expect((await made.post("{}", { headers: { "If-None-Match": "*" } })).status).toBe(200);
	});

	test("18: equal bytes have one tag whatever the chunks, and each encoding its own", async () => {
		const whole = setUp({ answer: (c) => c.body(LONG, 200, { "Content-Type": "application/json" }) });
		const chunks = setUp({
			answer: (c) =>
				c.body(streamOf(LONG.match(/.{1,50}/gsu) ?? []), 200, { "Content-Type": "application/json" }),
		});
		const plainTag = (await whole.ask()).headers.get("ETag") ?? "";
		const gzipTag = (await whole.ask("/things", GZIP)).headers.get("ETag") ?? "";
		expect((await chunks.ask()).headers.get("ETag")).toBe(plainTag);
		expect((await chunks.ask("/things", GZIP)).headers.get("ETag")).toBe(gzipTag);
		expect(gzipTag).not.toBe(plainTag);
		const crossed = await whole.ask("/things", {
			headers: { "If-None-Match": plainTag, "Accept-Encoding": "gzip" },
		});
		expect(crossed.status).toBe(200);
	});
});

describe("bodies", () => {
	test.each([
		["binary", Uint8Array.from({ length: 256 }, (_, i) => i)],
		["empty", new Uint8Array()],
		["multi-byte", new TextEncoder().encode("نخلة جميرا 🏝")],
		["long and binary", Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 256)],
		["long text", new TextEncoder().encode(LONG)],
	])("20: a body that is %s comes back as it was, to any client", async (_, bytes) => {
		const made = setUp({
			answer: (c) => c.body(bytes as Uint8Array<ArrayBuffer>, 200, { "Content-Type": "text/plain" }),
		});
		for (const init of [{}, {}, GZIP, GZIP]) {
			const response = await made.ask("/things", init);
			const sent = await response.bytes();
			const isGzip = response.headers.get("Content-Encoding") === "gzip";
			expect(isGzip ? new Uint8Array(gunzipSync(sent)) : sent).toEqual(bytes);
			expect(response.headers.get("Content-Length")).toBe(String(sent.byteLength));
		}
		expect(made.runs()).toBe(1);
	});

	test("20: over 1 KiB is sent compressed as stored, to whom accepts it", async () => {
		const made = setUp({ answer: (c) => c.body(LONG, 200, { "Content-Type": "application/json" }) });
		const encodingFor = async (accepts: string) => {
			const response = await made.ask("/things", { headers: { "Accept-Encoding": accepts } });
			return response.headers.get("Content-Encoding");
		};
		expect(await encodingFor("br, gzip")).toBe("gzip");
		expect(await encodingFor("gzip;q=0")).toBeNull();
		expect(await encodingFor("identity")).toBeNull();
		expect(await encodingFor("")).toBeNull();
	});

	test("20: what the handler has compressed is not compressed again, and others get it plain", async () => {
		const made = setUp({
			answer: (c) =>
				c.body(gzipSync(LONG), 200, { "Content-Type": "application/json", "Content-Encoding": "gzip" }),
		});
		for (const _ of [1, 2]) {
			const packed = await made.ask("/things", GZIP);
			expect(packed.headers.get("Content-Encoding")).toBe("gzip");
			expect(gunzipSync(await packed.bytes()).toString()).toBe(LONG);
			const plain = await made.ask("/things");
			expect(plain.headers.get("Content-Encoding")).toBeNull();
			expect(await plain.text()).toBe(LONG);
		}
		expect(made.runs()).toBe(1);
	});

	test("20: what cannot be decompressed is sent as it is and not stored", async () => {
		const made = setUp({ answer: (c) => c.body("not gzip", 200, { "Content-Encoding": "gzip" }) });
		const response = await made.ask();
		expect([response.headers.get("Content-Encoding"), await response.text()]).toEqual(["gzip", "not gzip"]);
		expect(statusOf(response)).toEqual({ fwd: "uri-miss", detail: "content-encoding" });
	});

	test("the headers of the answer are kept, and not those of the exchange", async () => {
		const made = setUp({
			answer: (c) =>
				c.json({}, 200, {
					"X-Request-Id": "first",
					"X-Model": "m1",
					Age: "7",
					Connection: "X-Hop, close",
					"X-Hop": "1",
					"Keep-Alive": "1",
				}),
		});
		await made.ask();
		const { headers } = await made.ask();
		expect(headers.get("X-Model")).toBe("m1");
		expect(headers.get("Age")).toBe("0");
		for (const name of ["X-Request-Id", "Connection", "X-Hop", "Keep-Alive"])
			expect(headers.get(name)).toBeNull();
	});
});
