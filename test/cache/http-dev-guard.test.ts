import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import type { Context, Next } from "hono";
import { getCookie } from "hono/cookie";
import { z } from "zod";
import { setUp } from "./http-setup.ts";

const INIT = {
	method: "POST",
	body: '{"a":1}',
	headers: { "Content-Type": "application/json", Cookie: "s=1", "X-Lang": "ar" },
};

const signIn = (c: Context, next: Next) => {
	c.set("caller", { id: "u1" });
	c.set("label", "SAMPLE");
	return next();
};

function setUpReading(read: (c: Context) => unknown, debug: boolean) {
	return setUp({
		cache: { debug },
		before: [signIn, zValidator("json", z.object({ a: z.number() }))],
		policy: { vary: ["X-Lang"] },
		options: { passes: ["label"] },
		answer: async (c) => c.json({ read: (await read(c)) ?? null }),
	});
}

const UNKEYED: [string, (c: Context) => unknown, string][] = [
	["a header", (c) => c.req.header("X-Other"), 'the header "X-Other"'],
	["a header of the raw request", (c) => c.req.raw.headers.get("x-other"), 'the header "x-other"'],
	[
		"whether there is a header",
		(c) => c.req.raw.headers.has("Authorization") || null,
		'the header "Authorization"',
	],
	[
		"all headers",
		(c) => c.req.header("x-lang") && (c.req.header() as never)["cookie"],
		"all headers at once",
	],
	[
		"all headers of the raw request",
		(c) => Object.fromEntries(c.req.raw.headers)["cookie"],
		"all headers at once",
	],
	["a cookie", (c) => getCookie(c, "s"), 'the header "Cookie"'],
	["a query parameter", (c) => c.req.query("page"), 'the query parameter "page"'],
	["several query parameters", (c) => c.req.queries("page"), 'the query parameter "page"'],
	["the query", (c) => c.req.query()["page"], "the query"],
	[
		"the address with its query",
		(c) => new URL(c.req.url).searchParams.get("page"),
		"the address with its query",
	],
	["the text of the body", (c) => c.req.text().then((text) => text || null), "the raw body"],
	["the raw body", (c) => c.req.raw.body, "the raw body"],
	[
		"the bytes of the body",
		(c) => c.req.arrayBuffer().then((bytes) => bytes.byteLength || null),
		"the raw body",
	],
	["a variable", (c) => c.get("caller"), 'the variable "caller"'],
	["a variable by its name", (c) => c.var.caller, 'the variable "caller"'],
];

describe("in debug mode", () => {
	test.each(UNKEYED)("48: a handler that reads %s throws, and says how to key it", async (_, read, what) => {
		const response = await setUpReading(read, true).ask("/things?page=2", INIT);
		expect(response.status).toBe(500);
		const sentence = await response.text();
		expect(sentence).toStartWith(
			`The handler of the cached route "things" reads ${what}, which is not part of the key: `,
		);
	});

	test.each(UNKEYED)("48: otherwise one that reads %s finds nothing", async (_, read) => {
		const response = await setUpReading(read, false).ask("/things?page=2", INIT);
		expect(await response.json()).toEqual({ read: null });
	});

	test.each<[string, (c: Context) => unknown, unknown]>([
		["validated input", (c) => c.req.valid("json" as never), { a: 1 }],
		["a header that is varied by", (c) => c.req.header("x-lang"), "ar"],
		["the same of the raw request", (c) => c.req.raw.headers.get("X-Lang"), "ar"],
		["a variable that is passed", (c) => c.get("label"), "SAMPLE"],
		["the same by its name", (c) => c.var.label, "SAMPLE"],
		["a variable that nobody has set", (c) => c.get("nothing"), null],
		["its path", (c) => c.req.path, "/things"],
	])("48: a handler may read %s", async (_, read, value) => {
		const response = await setUpReading(read, true).ask("/things?page=2", INIT);
		expect(await response.json()).toEqual({ read: value });
	});

	test("48: a handler may read what was set behind cached()", async () => {
		const read = (c: Context) => {
			c.set("caller", "mine");
			return [c.get("caller"), c.var.caller];
		};
		const response = await setUpReading(read, true).ask("/things?page=2", INIT);
		expect(await response.json()).toEqual({ read: ["mine", "mine"] });
	});

	test("48: where nothing is validated the query is keyed, and a JSON body with its type", async () => {
		const made = setUp({
			cache: { debug: true },
			answer: async (c) => c.json([c.req.query("page"), await c.req.json(), c.req.header("content-type")]),
		});
		const response = await made.ask("/things?page=2", INIT);
		expect(await response.json()).toEqual(["2", { a: 1 }, "application/json"]);
	});

	test("48: with scope caller the caller may be passed", async () => {
		const made = setUp({
			cache: { debug: true },
			before: [signIn],
			policy: { scope: "caller" },
			options: { caller: (c: Context) => [c.get("caller").id], passes: ["caller"] },
			answer: (c) => c.json(c.get("caller")),
		});
		expect(await (await made.ask()).json()).toEqual({ id: "u1" });
	});
});
