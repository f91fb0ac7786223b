import { describe, expect, test } from "bun:test";
import { type Context, Hono } from "hono";
import { cached } from "../../src/cache/cached.ts";
import { createTestCache, POLICY, setUp, statusOf } from "./http-setup.ts";

const LATER = () => Bun.sleep(20);

describe("many requests at once", () => {
	test("22: 100 on a cold key run the handler once, and each has a body of its own to read", async () => {
		const made = setUp({
			answer: async (c, run) => {
				await LATER();
				return c.json({ run, filler: "x".repeat(2_000) });
			},
		});
		const responses = await Promise.all(Array.from({ length: 100 }, () => made.app.request("/things")));
		expect(made.runs()).toBe(1);
		const bodies = await Promise.all(responses.map((response) => response.json()));
		expect(bodies).toEqual(bodies.map(() => ({ run: 1, filler: "x".repeat(2_000) })));
		expect(responses.filter((response) => statusOf(response)["stored"] === true)).toHaveLength(1);
		expect(responses.filter((response) => statusOf(response)["collapsed"] === true)).toHaveLength(99);
	});

	test("22: with a mix of methods and encodings, each is answered in its own way by the one run", async () => {
		const made = setUp({
			answer: async (c, run) => {
				await LATER();
				return c.json({ run, filler: "x".repeat(2_000) });
			},
		});
		const [head, packed, plain] = await Promise.all([
			made.app.request("/things", { method: "HEAD" }),
			made.app.request("/things", { headers: { "Accept-Encoding": "gzip" } }),
			made.app.request("/things"),
		]);
		expect(made.runs()).toBe(1);
		expect(await head.text()).toBe("");
		expect(packed.headers.get("Content-Encoding")).toBe("gzip");
		expect(await plain.json()).toMatchObject({ run: 1 });
	});

	test("22: a response that is changed on its way out is changed for that caller only", async () => {
		const made = setUp({ answer: (c) => c.body(new Uint8Array([1, 2, 3])) });
		const first = await made.ask();
		(await first.bytes()).fill(0);
		first.headers.set("X-Mine", "1");
		for (const _ of [1, 2]) {
			const hit = await made.ask();
			const bytes = await hit.bytes();
			expect([...bytes]).toEqual([1, 2, 3]);
			bytes.fill(9);
			expect(hit.headers.get("X-Mine")).toBeNull();
		}
	});

	test("26: 100 on a failing handler make one call and fail together, each with a readable body", async () => {
		const made = setUp({
			answer: async (c) => {
				await LATER();
				return c.json({ problem: "down" }, 503);
			},
		});
		const responses = await Promise.all(Array.from({ length: 100 }, () => made.app.request("/things")));
		expect(made.runs()).toBe(1);
		for (const response of responses) {
			expect([response.status, await response.json()]).toEqual([503, { problem: "down" }]);
		}
	});

	test("28: a handler that takes too long is answered with 504, told to stop, and its late answer is dropped", async () => {
		let reason: unknown;
		const made = setUp({
			policy: { timeout: 0.05, lease: 0.05 },
			answer: async (c, run) => {
				c.req.raw.signal.addEventListener("abort", () => {
					reason = c.req.raw.signal.reason;
				});
				if (run === 1) await Bun.sleep(150);
				return c.json({ run });
			},
		});
		const [first, second] = await Promise.all([made.app.request("/things"), made.app.request("/things")]);
		expect([first.status, second.status]).toEqual([504, 504]);
		expect(statusOf(first)).toEqual({ fwd: "miss", detail: "timed-out" });
		expect(reason).toBeInstanceOf(Error);
		await Bun.sleep(150);
		made.clock.advance(10_000);
		expect(await (await made.ask()).json()).toEqual({ run: 2 });
	});

	test("29: equal inputs of two policies share no flight", async () => {
		const { cache } = createTestCache();
		let runs = 0;
		const answer = async (c: Context) => {
			runs += 1;
			await LATER();
			return c.text(c.req.path);
		};
		const two = ["a", "b"].map((name) =>
			new Hono().get("/x", cached(cache, { ...POLICY, name, prefix: "same:" }), answer),
		);
		await Promise.all(two.map((one) => one.request("/x")));
		expect(runs).toBe(2);
	});

	test("29: an answer that cannot be shared is worked out for each, and remembered to be so for a while", async () => {
		let atOnce = 0;
		let most = 0;
		const made = setUp({
			answer: async (c, run) => {
				atOnce += 1;
				most = Math.max(most, atOnce);
				await LATER();
				atOnce -= 1;
				return c.json({ run }, 200, { "Cache-Control": "private" });
			},
		});
		const ask = async () => (await (await made.app.request("/things")).json()) as { run: number };
		const cold = await Promise.all(Array.from({ length: 12 }, ask));
		expect(new Set(cold.map(({ run }) => run)).size).toBe(12);
		most = 0;
		await Promise.all(Array.from({ length: 4 }, ask));
		// Nobody waits to see first whether this one can be shared.
		expect(most).toBe(4);
		expect(made.runs()).toBe(16);
	});
});

describe("stale answers", () => {
	test("30: 100 stale readers are answered at once and set off one refresh", async () => {
		const gate = Promise.withResolvers<void>();
		const made = setUp({
			policy: { staleWhileRevalidate: 60 },
			answer: async (c, run) => {
				if (run > 1) await gate.promise;
				return c.json({ run });
			},
		});
		await made.ask();
		made.clock.advance(61_000);
		const responses = await Promise.all(Array.from({ length: 100 }, () => made.app.request("/things")));
		for (const response of responses) expect(await response.json()).toEqual({ run: 1 });
		expect(made.runs()).toBe(2);
		gate.resolve();
		await made.cache.settled();
		expect(await (await made.ask()).json()).toEqual({ run: 2 });
	});

	test("12, 30: a refresh that a signed-in caller sets off knows nothing of them", async () => {
		const made = setUp({
			policy: { staleWhileRevalidate: 60 },
			answer: (c, run) => c.json({ run, who: c.req.header("authorization") ?? null }),
		});
		const as = (user: string) => made.ask("/things", { headers: { Authorization: user } });
		await as("u1");
		made.clock.advance(61_000);
		await as("u2");
		expect(await (await as("u3")).json()).toEqual({ run: 2, who: null });
	});

	test("33: a refresh that answers 404 drops the entry", async () => {
		const made = setUp({
			policy: { staleWhileRevalidate: 60, staleIfError: 600 },
			answer: (c, run) => (run === 1 ? c.json({ run }) : c.json({ run }, 404)),
		});
		await made.ask();
		made.clock.advance(61_000);
		expect((await made.ask()).status).toBe(200);
		const after = await made.ask();
		expect([after.status, await after.json()]).toEqual([404, { run: 3 }]);
	});
});
