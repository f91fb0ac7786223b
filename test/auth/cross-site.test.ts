import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserRow } from "../../db/queries/identity.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addUser, createTestAuth, ORIGIN } from "./support.ts";

let database: TestDatabase;
let user: UserRow;
beforeAll(async () => {
	database = await createTestDatabase();
	user = await addUser(database.db);
});
afterAll(() => database.drop());

const EVIL = "https://evil.example";

describe("a request with a session cookie that may change something", () => {
	const cases: [string, Record<string, string>, number][] = [
		["from our own page", { "sec-fetch-site": "same-origin", origin: ORIGIN }, 200],
		["that the user began", { "sec-fetch-site": "none" }, 200],
		["from our own page, in a browser without fetch metadata", { origin: ORIGIN }, 200],
		["with our origin spelled with its port", { origin: `${ORIGIN}:443` }, 200],
		["from another site", { "sec-fetch-site": "cross-site", origin: EVIL }, 403],
		["from another site, in a browser without fetch metadata", { origin: EVIL }, 403],
		["from a sibling domain", { "sec-fetch-site": "same-site", origin: "https://www.avm.example" }, 403],
		[
			"of which the browser says it is cross-site, whatever its origin",
			{ "sec-fetch-site": "cross-site", origin: ORIGIN },
			403,
		],
		["from our host over plain HTTP", { origin: "http://avm.example" }, 403],
		["from our host on another port", { origin: `${ORIGIN}:8443` }, 403],
		["from a host that begins like ours", { origin: `${ORIGIN}.evil.example` }, 403],
		["from a sandboxed frame", { origin: "null" }, 403],
		["with an origin that is none", { origin: "x" }, 403],
		["that does not say where it comes from", {}, 403],
		["from another site as a form", { origin: EVIL, "content-type": "text/plain" }, 403],
		["that names us in Referer only", { referer: `${ORIGIN}/page` }, 403],
	];
	test.each(cases)("%s: as it should be", async (_, headers, status) => {
		const { cookieOf, request } = createTestAuth(database.db);
		const cookie = await cookieOf(user.email);
		for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
			const response = await request("/thing", { method, headers: { cookie, ...headers } });
			expect(response.status).toBe(status);
			if (status === 403) {
				expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:cross-site" });
			}
		}
	});

	test("and does not say where it comes from is told what to send", async () => {
		const { cookieOf, request } = createTestAuth(database.db);
		const headers = { cookie: await cookieOf(user.email) };
		const { detail } = await (await request("/thing", { method: "POST", headers })).json();
		expect(detail).toContain("Origin");
		expect(detail).toContain("bearer token");
	});

	test("reaches logging out neither", async () => {
		const { cookieOf, request, withCookie } = createTestAuth(database.db);
		const cookie = await cookieOf(user.email);
		const headers = { cookie, origin: EVIL };
		expect((await request("/api/auth/logout", { method: "POST", headers })).status).toBe(403);
		expect((await withCookie(cookie)).status).toBe(200);
	});
});

test("reading with a session cookie needs no origin", async () => {
	const { cookieOf, request } = createTestAuth(database.db);
	const headers = { cookie: await cookieOf(user.email), origin: EVIL, "sec-fetch-site": "cross-site" };
	for (const method of ["GET", "HEAD", "OPTIONS"]) {
		expect((await request("/thing", { method, headers })).status).toBe(200);
	}
});

test("a bearer token needs no origin, because no browser sends it by itself", async () => {
	const { tokenOf, request } = createTestAuth(database.db);
	const headers = { authorization: `Bearer ${await tokenOf(user.email)}`, origin: EVIL };
	expect((await request("/thing", { method: "POST", headers })).status).toBe(200);
});

describe("behind a reverse proxy", () => {
	const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": "www.avm.example" };

	test.each([
		[
			"the origin that the browser saw counts",
			true,
			{ ...forwarded, origin: "https://www.avm.example" },
			200,
		],
		["the proxy's own address does not", true, { ...forwarded, origin: ORIGIN }, 403],
		[
			"the first of several proxies counts",
			true,
			{
				"x-forwarded-proto": "https, http",
				"x-forwarded-host": "a.example, b.example",
				origin: "https://a.example",
			},
			200,
		],
		["nonsense matches nothing", true, { "x-forwarded-host": "\\", origin: "null" }, 403],
		["the Host header counts where no other is given", true, { origin: ORIGIN }, 200],
		[
			"that is not trusted, its headers do not count",
			false,
			{ ...forwarded, origin: "https://www.avm.example" },
			403,
		],
	] as [string, boolean, Record<string, string>, number][])("%s", async (_, trustProxy, headers, status) => {
		const { cookieOf, request } = createTestAuth(database.db, { trustProxy });
		const cookie = await cookieOf(user.email);
		expect((await request("/thing", { method: "POST", headers: { cookie, ...headers } })).status).toBe(
			status,
		);
	});
});
