import { beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../cache/support/eventually.ts";
import { type Place, type Visitor, visit } from "./place.ts";

const NAMES = ["Al Barsha South Fourth", "Business Bay"];
const LIST = "/api/areas/rent";
const VALUATION = "/api/property/valuation";
/** Behind the callers' backs, on a busy machine. */
const SOON_MS = 20_000;
const HIT = /^RetynAVM;hit;ttl=[1-9]/;
const STALE = /^RetynAVM;hit;ttl=-/;

/** Each that is asked for with another size is one that nobody asked about before. */
function flat(sizeSqm: number) {
	return { property_type: "Flat", area: "Business Bay", size_sqm: sizeSqm, as_of: "2026-08-01" };
}

/** Reads the answer to its end, as a connection that is left half read is of no use to the next. */
async function read(response: Response) {
	const { status, headers } = response;
	const text = await response.text();
	return { status, headers, text, json: () => JSON.parse(text), cache: headers.get("Cache-Status") ?? "" };
}

/**
 * What the service promises wherever it runs: the same on Bun, on Node and in workerd. Only what is in memory of its own
 * differs, so nothing here asks where a hit came from.
 */
export function behaviour(runtime: string, place: () => Place): void {
	describe(`the service on ${runtime}`, () => {
		let visitor: Visitor;
		beforeAll(async () => {
			visitor = await visit(place());
		});
		const get = async (path: string, init?: RequestInit) => read(await visitor.get(path, init));
		const post = async (path: string, body: unknown, init?: RequestInit) =>
			read(await visitor.post(path, body, init));
		const untilHit = (ask: () => ReturnType<typeof get>) =>
			eventually(async () => HIT.test((await ask()).cache), SOON_MS);

		test("is alive, and says whether it is ready", async () => {
			expect(await get("/livez")).toMatchObject({ status: 200 });
			// One that has just begun may have yet to hear of its database.
			await eventually(async () => (await get("/readyz")).json().status === "ready", SOON_MS);
		});

		test("gives each answer a name of its own", async () => {
			const named = await Promise.all([get("/livez"), get(LIST)]);
			const ids = named.map(({ headers }) => headers.get("X-Request-Id"));
			expect(new Set(ids).size).toBe(2);
			expect(ids).not.toContain(null);
		});

		test.each([
			["nothing", { Cookie: "a=b" }],
			["a token that is none", { Authorization: "Bearer nonsense" }],
			["another scheme", { Authorization: "Basic YTpi" }],
			["a cookie that nobody was given", { Cookie: `__Host-retyn_session=${"a".repeat(43)}` }],
		])("asks those to sign in who show %s", async (_, headers) => {
			const refused = await get(LIST, { headers });
			expect(refused).toMatchObject({ status: 401, cache: "" });
			expect(refused.headers.get("WWW-Authenticate")).toStartWith("Bearer");
			expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
		});

		test("takes a session's cookie as well as a token", async () => {
			expect(await get(LIST, { headers: { Cookie: await visitor.cookie() } })).toMatchObject({ status: 200 });
		});

		test("refuses a token that was revoked, whatever is stored", async () => {
			await untilHit(() => get(LIST));
			const headers = { Authorization: `Bearer ${await visitor.revokedToken()}` };
			expect(await get(LIST, { headers })).toMatchObject({ status: 401, cache: "" });
		});

		test("checks passwords, or says that it does not", async () => {
			const nobody = { email: "nobody@example.com", password: "long enough to be one" };
			const { status, json } = await post("/api/auth/token", nobody);
			expect({ status, type: json().type }).toEqual(
				place().signsIn
					? { status: 401, type: "urn:retyn:problem:invalid-credentials" }
					: { status: 501, type: "urn:retyn:problem:not-offered-here" },
			);
		});

		test.each<[string, number, string, () => Promise<Response>]>([
			["an unknown address", 404, "not-found", () => visitor.get("/api/nowhere")],
			["an unknown search type", 404, "unknown-search-type", () => visitor.get("/api/areas/lease")],
			["half an object", 400, "malformed-body", () => visitor.post(VALUATION, '{"area"')],
			["a negative size", 422, "invalid-request", () => visitor.post(VALUATION, flat(-1))],
			[
				"an unknown area",
				422,
				"unknown-area",
				() => visitor.post(VALUATION, { ...flat(70), area: "Atlantis" }),
			],
			[
				"another content type",
				415,
				"unsupported-media-type",
				() => visitor.post(VALUATION, flat(70), { headers: { "Content-Type": "text/plain" } }),
			],
			[
				"a body above the bound",
				413,
				"body-too-large",
				() => visitor.post(VALUATION, { ...flat(70), area: "a".repeat(100_000) }),
			],
		])("refuses %s with %d", async (_, status, kind, ask) => {
			const refused = await read(await ask());
			expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
			expect(refused.json()).toMatchObject({ type: `urn:retyn:problem:${kind}`, status });
			expect(refused.status).toBe(status);
		});

		test("keeps a list, gives it the same again, and says so", async () => {
			await untilHit(() => get(LIST));
			const kept = await get(LIST);
			expect(kept.json()).toEqual(NAMES);
			expect(kept.headers.get("Age")).toMatch(/^\d+$/);
		});

		test("answers 304 to who has it, and HEAD without a body", async () => {
			await untilHit(() => get(LIST));
			const etag = (await get(LIST)).headers.get("ETag") ?? "";
			expect(etag).toMatch(/^(W\/)?"/);
			const unchanged = await get(LIST, { headers: { "If-None-Match": etag } });
			expect(unchanged).toMatchObject({ status: 304, text: "" });
			const head = await get(LIST, { method: "HEAD" });
			expect(head).toMatchObject({ status: 200, text: "" });
			expect(head.headers.get("ETag")).toBe(etag);
		});

		test("values a flat, and keeps the value", async () => {
			const ask = () => post(VALUATION, flat(70.5));
			expect((await ask()).json()).toMatchObject({
				success: true,
				valuation: { search_scope: "area", currency: "AED" },
			});
			await untilHit(ask);
		});

		test("values many at once, each with its own answer", async () => {
			const subjects = [flat(71.5), { ...flat(72), area: "Atlantis" }];
			const { status, json } = await post("/api/property/valuations", { subjects });
			expect(status).toBe(200);
			expect(json()).toMatchObject({ valued: 1, not_valued: 1 });
		});

		test("forgets what another instance purges", async () => {
			await untilHit(() => get(LIST));
			await visitor.invalidate("purge");
			// A server's memory hears of it on the bus.
			await eventually(async () => (await get(LIST)).cache.startsWith("RetynAVM;fwd=uri-miss"), SOON_MS);
			await untilHit(() => get(LIST));
		});

		test("gives a stale answer at once, and has it made anew behind the caller's back", async () => {
			await untilHit(() => get(LIST));
			await visitor.invalidate("expire");
			const seen: string[] = [];
			await eventually(async () => {
				const { cache, text } = await get(LIST);
				expect(JSON.parse(text)).toEqual(NAMES);
				seen.push(cache);
				return seen.some((one) => STALE.test(one)) && HIT.test(cache);
			}, SOON_MS);
			expect(seen.filter((one) => one.includes("uri-miss"))).toEqual([]);
		});

		test("answers while Redis says nothing", async () => {
			const { redis } = place();
			redis.freeze();
			try {
				expect(await post(VALUATION, flat(73.25))).toMatchObject({ status: 200 });
				expect((await get(LIST)).json()).toEqual(NAMES);
			} finally {
				redis.thaw();
			}
			await untilHit(() => post(VALUATION, flat(73.75)));
		});
	});
}
