import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import type { Context, Next } from "hono";
import { z } from "zod";
import { explain } from "../../src/cache/http/explain.ts";
import { createNoopStore } from "../../src/cache/stores/noop.ts";
import { type Made, setUp } from "./http-setup.ts";

const explained = (made: Made, path = "/things", init?: RequestInit, env?: object) =>
	explain(made.app.fetch, new Request(`http://localhost${path}`, init), env);

describe("explain", () => {
	test("47: names the parts of the key and whether the request would be served, and changes nothing", async () => {
		const made = setUp({
			before: [zValidator("query", z.object({ area: z.string().toLowerCase() }))],
			policy: { vary: ["X-Lang"], scope: "caller", staleWhileRevalidate: 10, version: 3 },
			options: { tags: (c: Context) => [`area:${c.req.query("area")}`], caller: () => ["u1", "2"] },
		});
		const path = "/things?area=Marina&utm=1";
		const cold = await explained(made, path);
		expect(cold).toMatchObject({
			reached: true,
			policy: "things",
			key: expect.stringMatching(/^things:[0-9a-f]{32}$/),
			parts: {
				version: 3,
				caller: ["u1", "2"],
				input: { method: "GET", validated: { query: { area: "marina" } }, headers: { "x-lang": null } },
			},
			tags: ["area:Marina"],
			state: "none",
			served: false,
		});
		expect([made.runs(), made.events]).toEqual([0, []]);

		await made.ask(path);
		const told = made.events.length;
		made.clock.advance(20_000);
		expect(await explained(made, path)).toMatchObject({ state: "fresh", served: true, ageS: 20, ttlS: 40 });
		made.clock.advance(41_000);
		expect(await explained(made, path)).toMatchObject({ state: "stale", served: true });
		made.clock.advance(41_000);
		expect(await explained(made, path)).toMatchObject({ served: false });
		expect([made.runs(), made.events.length]).toEqual([1, told]);
		await made.ask(path);
		await made.cache.purge({ tags: ["area:Marina"] });
		expect(await explained(made, path)).toMatchObject({ served: false, state: "invalidated" });
	});

	test("47: says why the last answer was not stored", async () => {
		const made = setUp({
			answer: (c, run) => (run === 1 ? c.json({}, 200, { "Set-Cookie": "a=b" }) : c.json({})),
		});
		await made.ask();
		expect(await explained(made)).toMatchObject({ state: "none", notStored: "set-cookie" });
		await made.ask();
		made.clock.advance(11_000);
		await made.ask();
		expect(await explained(made)).not.toHaveProperty("notStored");
	});

	test("47: says why the cache is not asked", async () => {
		const made = setUp();
		expect(await explained(made, "/things", { headers: { Range: "bytes=0-" } })).toEqual({
			reached: true,
			policy: "things",
			bypass: "range",
		});
		expect(await explained(made, "/things", { method: "POST", body: "x" })).toMatchObject({
			bypass: "body-not-keyed",
		});
		const off = setUp({ cache: { store: createNoopStore() } });
		expect(await explained(off)).toMatchObject({ bypass: "cache-off" });
		expect([made.runs(), off.runs()]).toEqual([0, 0]);
	});

	test("47: says that the request did not get that far", async () => {
		const signIn = async (c: Context, next: Next) => {
			if (!c.req.header("authorization")) return c.text("who are you?", 401);
			return next();
		};
		const made = setUp({ before: [signIn] });
		expect(await explained(made)).toEqual({ reached: false, status: 401 });
		expect(await explained(made, "/elsewhere")).toEqual({ reached: false, status: 404 });
		const headers = { Authorization: "x" };
		expect(await explained(made, "/things", { headers })).toMatchObject({ reached: true });
	});

	test("47: leaves the environment as it is for those who need it", async () => {
		const seen: unknown[] = [];
		const made = setUp({
			before: [
				(c: Context, next: Next) => {
					seen.push(c.env.DB);
					return next();
				},
			],
		});
		const env = { DB: "d1" };
		await explained(made, "/things", {}, env);
		expect(seen).toEqual(["d1"]);
		expect(Reflect.ownKeys(env)).toEqual(["DB"]);
	});
});
