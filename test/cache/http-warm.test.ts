import { describe, expect, test } from "bun:test";
import { warm } from "../../src/cache/warm.ts";
import { setUp, statusOf } from "./http-setup.ts";

const requests = (count: number) =>
	Array.from({ length: count }, (_, i) => new Request(`http://localhost/things?i=${i}`));

describe("warm", () => {
	test("50: fills the cache through the application, a bounded number at a time", async () => {
		let atOnce = 0;
		let most = 0;
		const made = setUp({
			answer: async (c, run) => {
				atOnce += 1;
				most = Math.max(most, atOnce);
				await Bun.sleep(5);
				atOnce -= 1;
				return c.json({ run });
			},
		});
		expect(await warm(requests(20), made.app.fetch, { concurrency: 3 })).toEqual({ warmed: 20, failed: [] });
		expect([made.runs(), most]).toEqual([20, 3]);
		await made.cache.settled();
		expect(statusOf(await made.ask("/things?i=7"))).toMatchObject({ hit: true });
	});

	test("50: is nobody's hit and nobody's miss, but what it stores is told, and so is who asks afterwards", async () => {
		const made = setUp();
		await warm(requests(3), made.app.fetch);
		await made.cache.settled();
		await warm(requests(3), made.app.fetch);
		expect(made.events.map(({ type }) => type)).toEqual(["filled", "filled", "filled"]);
		await made.ask("/things?i=1");
		expect(made.events.at(-1)).toMatchObject({ type: "hit" });
	});

	test("50: what fails is named and does not stop the rest", async () => {
		const error = new Error("no connection");
		const made = setUp({
			answer: (c) => (c.req.query("i") === "1" ? c.text("broken", 502) : c.json({})),
		});
		const fetch = (request: Request) => {
			if (request.url.endsWith("i=3")) throw error;
			return made.app.fetch(request);
		};
		const { warmed, failed } = await warm(requests(6), fetch, { concurrency: 2 });
		expect(warmed).toBe(4);
		expect(failed).toEqual([
			{ url: "http://localhost/things?i=1", status: 502 },
			{ url: "http://localhost/things?i=3", error },
		]);
	});

	test("50: tells how far it is after each request, those that failed too", async () => {
		const made = setUp({ answer: (c) => (c.req.query("i") === "1" ? c.text("broken", 502) : c.json({})) });
		const told: number[] = [];
		await warm(requests(5), made.app.fetch, { concurrency: 2, onProgress: (done) => told.push(done) });
		expect(told).toEqual([1, 2, 3, 4, 5]);
	});

	test("50: an answer counts as given when its body is", async () => {
		let given = 0;
		const fetch = () => {
			const body = new ReadableStream({
				async pull(controller) {
					await Bun.sleep(2);
					given += 1;
					if (given % 5 === 0) controller.close();
					else controller.enqueue(new Uint8Array(10));
				},
			});
			return new Response(body);
		};
		await warm(requests(2), fetch, { concurrency: 1 });
		expect(given).toBe(10);
	});

	test("50: requests are taken one by one, as there is room for them", async () => {
		const made = setUp({ answer: (c) => Bun.sleep(5).then(() => c.json({})) });
		const ending = new AbortController();
		let taken = 0;
		function* endless() {
			for (;;) {
				taken += 1;
				if (taken === 20) ending.abort();
				yield new Request(`http://localhost/things?i=${taken}`);
			}
		}
		const { warmed } = await warm(endless(), made.app.fetch, { concurrency: 2, signal: ending.signal });
		expect(taken).toBe(20);
		// Those under way may be given up on.
		expect(warmed).toBeGreaterThanOrEqual(18);
	});

	test("50: a concurrency that is no whole number of 1 or more is an error", async () => {
		for (const concurrency of [0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
			const warming = warm([], () => new Response(), { concurrency });
			expect(warming).rejects.toThrow("Warming needs a concurrency that is a whole number of 1 or more");
		}
	});
});
