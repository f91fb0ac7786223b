import { expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono, type Next } from "hono";
import { z } from "zod";
import { cached } from "../../src/cache/cached.ts";
import { createTestCache, POLICY } from "./http-setup.ts";

/** Repeats its numbers for a seed (mulberry32). */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const TEXTS = [
	"a",
	"b",
	"a:b",
	"b:a",
	"",
	"A",
	"1",
	"01",
	"%",
	"é",
	"é",
	"__proto__",
	"null",
	"🏝",
	" ",
	"\u0000",
];
const VALUES = [...TEXTS, 1, 0, -1, 1.5, true, false, null, [], ["a"], [["a"]], {}, { a: "b" }, { b: "a" }];

/** What a handler can see, in one text. Whoever sees the same is told the same. */
async function sight(c: Context): Promise<string> {
	return JSON.stringify({
		policy: c.req.path.split("/")[1],
		method: c.req.method,
		url: c.req.url,
		params: c.req.param(),
		queries: c.req.queries(),
		headers: c.req.header(),
		valid: ["param", "query", "json"].map((target) => c.req.valid(target as never) ?? null),
		body: c.req.raw.body ? await c.req.text() : null,
		who: c.get("who") ?? null,
	});
}

test.each([1, 2, 3])(
	"2-8: random requests share an answer only if no handler could tell them apart (seed %i)",
	async (seed) => {
		const random = seeded(seed);
		const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
		const { cache } = createTestCache();
		const policy = (name: string) => ({ ...POLICY, name, prefix: "same:", vary: ["X-Lang"] });
		const who = (c: Context, next: Next) => {
			c.set("who", `${c.req.header("x-user")}/${c.req.header("x-role")}`);
			return next();
		};
		let runs = 0;
		const handler = async (c: Context) => {
			runs += 1;
			return c.body(await sight(c));
		};
		const mine = cached<{ Variables: { who: string } }>(
			cache,
			{ ...policy("mine"), scope: "caller" },
			{
				caller: (c) => [c.req.header("x-user") ?? "nobody", c.req.header("x-role") ?? "none"],
				passes: ["who"],
			},
		);
		const schema = {
			query: z.object({ a: z.string().toLowerCase().optional() }),
			json: z.object({ a: z.unknown() }),
		};
		const app = new Hono()
			.all("/plain/:id", cached(cache, policy("plain")), handler)
			.all("/other/:id", cached(cache, policy("other")), handler)
			.all("/mine/:id", who, mine as never, handler)
			.all("/checked/:id", zValidator("query", schema.query), cached(cache, policy("checked")), handler)
			.post("/posted/:id", zValidator("json", schema.json), cached(cache, policy("posted")), handler);

		/** What of a request its route keys, told from the request itself. */
		const answers = new Map<string, string>();
		for (let i = 0; i < 1_500; i += 1) {
			const route = one(["plain", "other", "mine", "checked", "posted"]);
			const method = route === "posted" ? "POST" : one(["GET", "GET", "POST"]);
			const id = one(["a", "b", "a:b", "1"]);
			const query = Array.from({ length: Math.floor(random() * 3) }, () => [one(["a", "b"]), one(TEXTS)]) as [
				string,
				string,
			][];
			const lang = one([undefined, "ar", "en", ""]);
			const user = one(["u1", "u2", "u1/1"]);
			const role = one(["1", "2"]);
			const body =
				method === "POST" ? { a: one(VALUES), ...(random() < 0.3 && { b: one(VALUES) }) } : undefined;
			const response = await app.request(`/${route}/${id}?${new URLSearchParams(query)}`, {
				method,
				headers: {
					"X-User": user,
					"X-Role": role,
					"X-Noise": String(i),
					...(lang !== undefined && { "X-Lang": lang }),
					...(body && { "Content-Type": "application/json" }),
				},
				...(body && { body: JSON.stringify(body) }),
			});
			if (response.status === 400) continue;
			expect(response.status).toBe(200);
			const ordered = [...query].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
			const seen =
				route === "checked"
					? [[query.filter(([name]) => name === "a").map(([, value]) => value.toLowerCase())]]
					: route === "posted"
						? []
						: [ordered];
			const keyed = route === "posted" ? { a: body?.a } : body;
			const identity = JSON.stringify([
				route,
				method,
				id,
				seen,
				lang ?? null,
				keyed && Object.entries(keyed).sort(),
				route === "mine" && [user, role],
			]);
			const answer = await response.text();
			const known = answers.get(identity);
			if (known !== undefined) expect(answer).toBe(known);
			else {
				// Nobody else has been told the same.
				expect([...answers.values()]).not.toContain(answer);
				answers.set(identity, answer);
			}
		}
		await cache.settled();
		expect(runs).toBe(answers.size);
		expect(answers.size).toBeGreaterThan(300);
	},
);
