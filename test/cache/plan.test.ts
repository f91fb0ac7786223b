import { describe, expect, test } from "bun:test";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { createPlanner, type Plan, type Planner } from "../../src/cache/http/plan.ts";
import { cacheKey } from "../../src/cache/key.ts";
import { type Policy, type PolicyOptions, resolvePolicy } from "../../src/cache/policy.ts";
import { seededRandom } from "./support/random.ts";

const OPTIONS: PolicyOptions = { name: "things", prefix: "things:", ttl: 60, scope: "shared" };
const whoAsks = (c: Context) => [c.req.header("x-user") ?? "u0", c.req.header("x-role") ?? "1"];

interface Planned {
	/** Of the planner that has seen all requests. */
	readonly remembered: Plan | string;
	/** Of one that has seen none. */
	readonly fresh: Plan | string;
}

/** An application with all kinds of routes, which answers nothing but takes down the plans of one policy. */
function subject(options: Partial<PolicyOptions> = {}, getPath?: (request: Request) => string) {
	const policy = resolvePolicy({ ...OPTIONS, ...options });
	const planner = createPlanner(policy, whoAsks);
	const taken: Planned[] = [];
	const plan = takesDown(planner, policy, taken);
	const query = zValidator("query", z.object({ a: z.coerce.number().optional(), b: z.string().optional() }));
	const id = zValidator("param", z.object({ id: z.coerce.number() }));
	const json = zValidator("json", z.object({ list: z.array(z.number()), a: z.string().optional() }));
	const language = zValidator("header", z.object({ "accept-language": z.string().default("en") }));
	const end = (c: Context) => c.text("done");
	const app = new Hono(getPath ? { getPath } : {})
		.use("/m/*", (_, next) => next())
		.all("/open", plan, end)
		.all("/of/:id", id, plan, end)
		.all("/of/:id/with", id, query, plan, end)
		.all("/raw/:id", query, plan, end)
		.all("/m/of/:id", query, id, plan, end)
		.all("/said", language, plan, end)
		.post("/body", json, plan, end)
		.all("/wild/*", plan, end);
	const sub = new Hono().all("/of/:id", id, plan, end).all("/open", plan, end);
	app.route("/sub", sub).route("/tenants/:tenant", sub);

	async function ask(url: string, init: RequestInit = {}): Promise<Planned> {
		const before = taken.length;
		await app.request(url, init);
		const planned = taken[before];
		if (!planned) throw new Error(`${url} did not come as far as the planner`);
		return planned;
	}
	return { ask, policy };
}

function takesDown(planner: Planner, policy: Policy, taken: Planned[]): MiddlewareHandler {
	return async (c, next) => {
		const { routeIndex } = c.req;
		const remembered = await planner(c, routeIndex);
		taken.push({ remembered, fresh: await createPlanner(policy, whoAsks)(c, routeIndex) });
		await next();
	};
}

function told(plan: Plan | string) {
	return typeof plan === "string" ? plan : { key: plan.key, caller: plan.caller, input: plan.input };
}

const keyOf = ({ remembered }: Planned) =>
	typeof remembered === "string" ? remembered : remembered.key.digest;

const PATHS = [
	"/open",
	"/of/1",
	"/of/01",
	"/of/2/with",
	"/raw/1",
	"/raw/a%2Fb",
	"/m/of/1",
	"/said",
	"/body",
	"/wild/1",
	"/wild/a/b",
	"/sub/of/1",
	"/sub/open",
	"/tenants/t1/of/1",
	"/tenants/t2/of/1",
	"/tenants/t1/open",
] as const;
const QUERIES = [
	"",
	"?",
	"?a=1",
	"?a=01",
	"?a=1&b=x",
	"?b=x&a=1",
	"?c=1",
	"?a=1&c=1",
	`?b=${"y".repeat(2_500)}`,
];
const BODIES = [
	'{"list":[1]}',
	'{ "list" : [1] }',
	'{"list":[1,2]}',
	'{"list":[1],"a":"1"}',
	"[]",
	"no json",
];

/** A request out of few enough that most come again, in another order each time. */
function requestsFrom(random: () => number): () => [url: string, init: RequestInit] {
	const pick = <T>(among: readonly T[]): T => among[Math.floor(random() * among.length)] as T;
	const maybe = (name: string, values: readonly string[]): Record<string, string> =>
		random() < 0.4 ? { [name]: pick(values) } : {};
	return () => {
		const path = pick(PATHS);
		const method = path === "/body" ? "POST" : pick(["GET", "GET", "GET", "HEAD", "POST", "QUERY"]);
		const headers = {
			...maybe("Accept-Language", ["en", "ar"]),
			...maybe("X-User", ["u1", "u2", "1"]),
			...maybe("X-Role", ["1", "2", "u1"]),
			...(method === "POST" && { "Content-Type": pick(["application/json", "text/plain"]) }),
		};
		// What does not pass its validator does not get as far as here.
		const body = method === "POST" && { body: path === "/body" ? pick(BODIES.slice(0, 4)) : pick(BODIES) };
		if (path === "/body") Object.assign(headers, { "Content-Type": "application/json" });
		return [
			pick(["http://one.example", "http://two.example"]) + path + pick(QUERIES),
			{ method, headers, ...body },
		];
	};
}

describe("keys that are remembered", () => {
	test.each<Partial<PolicyOptions>>([
		{},
		{ scope: "caller" },
		{ vary: ["Accept-Language"] },
		{ vary: ["Host", "X-User"], scope: "caller" },
	])(
		"8: are those that would be made anew, and so is the input, over 3,000 requests: %j",
		async (options) => {
			const { ask, policy } = subject(options);
			const next = requestsFrom(seededRandom(20_260_801));
			const keys = new Map<string, string>();
			for (let count = 0; count < 3_000; count += 1) {
				const [url, init] = next();
				const { remembered, fresh } = await ask(url, init);
				expect(told(remembered)).toEqual(told(fresh));
				if (typeof remembered === "string") continue;
				const { key, caller, input } = remembered;
				const { name, prefix, version } = policy;
				expect(key).toEqual(cacheKey({ policy: name, prefix, version, caller, input }));
				const text = JSON.stringify([caller, input]);
				expect(keys.get(key.digest) ?? text).toBe(text);
				keys.set(key.digest, text);
			}
			expect(keys.size).toBeGreaterThan(30);
			// Inputs that differ have keys that differ.
			expect(new Set(keys.values()).size).toBe(keys.size);
		},
	);

	test("44: are made once while they are, which is for the last 1,000 of addresses that are not too long", async () => {
		const { ask } = subject();
		const made = async (url: string) => (await ask(url)).remembered as Plan;
		const first = await made("/open?a=1");
		expect((await made("/open?a=1")).key).toBe(first.key);
		const long = await made(`/open?a=${"x".repeat(5_000)}`);
		const again = await made(`/open?a=${"x".repeat(5_000)}`);
		expect(again.key).toEqual(long.key);
		expect(again.key).not.toBe(long.key);
		for (let count = 0; count < 1_000; count += 1) await ask(`/open?b=${count}`);
		const anew = await made("/open?a=1");
		expect(anew.key).toEqual(first.key);
		expect(anew.key).not.toBe(first.key);
	});

	test("40: carry the tags of each request, whatever the one before with the same address named", async () => {
		const { ask } = subject();
		const tagged = async (...named: string[]) =>
			((await ask("/open?a=1")).remembered as Plan).tagsWith(named) as readonly string[];
		const lists = [[], ["a"], ["a"], ["b"], ["a", "b"], ["b", "a"], ["a"], [], ["*"], ["prefix:things:"]];
		for (const named of lists) expect(await tagged(...named)).toEqual(["*", "prefix:things:", ...named]);
		expect(await tagged("a")).toBe(await tagged("a"));
	});

	test("8: of addresses that are longer than what is remembered are right, too", async () => {
		const { ask } = subject();
		const long = (end: string) => ask(`/open?q=${"x".repeat(5_000)}${end}`);
		const [first, again, other] = [await long("1"), await long("1"), await long("2")];
		expect(keyOf(again)).toBe(keyOf(first));
		expect(keyOf(other)).not.toBe(keyOf(first));
		for (const { remembered, fresh } of [first, again, other]) expect(told(remembered)).toEqual(told(fresh));
	});

	test("8: are right after more were made than are remembered", async () => {
		const { ask } = subject();
		const first = keyOf(await ask("/open?a=first"));
		const keys = new Set([first]);
		for (let count = 0; count < 1_200; count += 1) keys.add(keyOf(await ask(`/open?a=${count}`)));
		expect(keys.size).toBe(1_201);
		expect(keyOf(await ask("/open?a=first"))).toBe(first);
		expect(keyOf(await ask("/open?a=1199"))).not.toBe(first);
	});

	test("7: go by the path that the application reads from an address, whatever that is", async () => {
		let prefix = "/sub";
		const { ask } = subject({}, (request) => prefix + new URL(request.url).pathname);
		const sub = await ask("/open");
		prefix = "/tenants/t1";
		const tenant = await ask("/open");
		prefix = "/tenants/t2";
		const other = await ask("/open");
		expect(new Set([sub, tenant, other].map(keyOf)).size).toBe(3);
		prefix = "/sub";
		expect(keyOf(await ask("/open"))).toBe(keyOf(sub));
		for (const { remembered, fresh } of [sub, tenant, other]) expect(told(remembered)).toEqual(told(fresh));
	});

	test("5: are one for HEAD and GET, and another for POST and QUERY with no body to tell them apart by", async () => {
		const { ask } = subject();
		const init = { headers: { "Content-Type": "application/json" }, body: "{}" };
		const keys = [
			await ask("/open"),
			await ask("/open", { method: "HEAD" }),
			await ask("/open", { method: "POST", ...init }),
			await ask("/open", { method: "QUERY", ...init }),
			await ask("/open", { method: "POST", ...init }),
		].map(keyOf);
		expect(new Set(keys).size).toBe(3);
		expect([keys[1], keys[4]]).toEqual([keys[0], keys[2]] as string[]);
	});

	test("6: whose caller's parts could be read as one text stay apart", async () => {
		const { ask } = subject({ scope: "caller" });
		const as = async (user: string, role: string) =>
			keyOf(await ask("/open", { headers: { "X-User": user, "X-Role": role } }));
		const keys = [await as("u1", "11"), await as("u11", "1"), await as("u1", "1"), await as("1", "u1")];
		expect(new Set(keys).size).toBe(4);
		expect([await as("u1", "11"), await as("u11", "1")]).toEqual(keys.slice(0, 2));
	});
});

describe("requests that have no key", () => {
	test.each([
		["PUT", {}, "method"],
		["GET", { headers: { Range: "bytes=0-1" } }, "range"],
		["POST", { headers: { "Content-Type": "text/plain" }, body: "text" }, "body-not-keyed"],
		["POST", { headers: { "Content-Type": "application/json" }, body: "{" }, "body-not-keyed"],
	])("4: %s with %j: %s, also where the same address has one", async (method, init, reason) => {
		const { ask } = subject();
		for (const _ of [1, 2]) {
			expect(keyOf(await ask("/open"))).toMatch(/^[0-9a-f]{64}$/);
			expect(keyOf(await ask("/open", { method, ...init }))).toBe(reason);
		}
	});
});
