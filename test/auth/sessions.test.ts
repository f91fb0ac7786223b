import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { changeUser, revokeSession } from "../../db/queries/identity.ts";
import type { Caller } from "../../src/http/env.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addUser, counting, createTestAuth, ORIGIN } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

type App = ReturnType<typeof createTestAuth>;

/** Both kinds of credential go through the same life. */
const kinds = [
	["cookie", (app: App, email: string) => app.cookieOf(email), (app: App, it: string) => app.withCookie(it)],
	["token", (app: App, email: string) => app.tokenOf(email), (app: App, it: string) => app.withToken(it)],
] as const;

function credentialHeaders(kind: "cookie" | "token", credential: string): Record<string, string> {
	return kind === "cookie" ? { cookie: credential } : { authorization: `Bearer ${credential}` };
}

describe.each(kinds)("a %s", (kind, obtain, use) => {
	test("49: is looked up once, then remembered for 30 s and no longer", async () => {
		const user = await addUser(database.db);
		const { db, statements } = counting(database);
		const clock = createTestClock();
		const app = createTestAuth(db, { clock });
		const credential = await obtain(app, user.email);
		const before = statements();
		for (let i = 0; i < 10; i++) expect((await use(app, credential)).status).toBe(200);
		clock.advance(29_999);
		expect((await use(app, credential)).status).toBe(200);
		expect(statements() - before).toBe(1);
		clock.advance(1);
		expect((await use(app, credential)).status).toBe(200);
		expect(statements() - before).toBe(2);
	});

	test("that many requests bring at once is looked up once", async () => {
		const user = await addUser(database.db);
		const { db, statements } = counting(database);
		const app = createTestAuth(db);
		const credential = await obtain(app, user.email);
		const before = statements();
		const answers = await Promise.all(Array.from({ length: 50 }, () => use(app, credential)));
		expect(answers.every(({ status }) => status === 200)).toBe(true);
		expect(statements() - before).toBe(1);
	});

	test("49: is refused at the instant it expires, also while it is remembered", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const app = createTestAuth(database.db, { clock, config: { jwtTtlS: 60, sessionTtlS: 60 } });
		const credential = await obtain(app, user.email);
		clock.advance(59_999);
		expect((await use(app, credential)).status).toBe(200);
		clock.advance(1);
		expect((await use(app, credential)).status).toBe(401);
	});

	test("49: is refused at once where it was logged out, and within 30 s elsewhere", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const here = createTestAuth(database.db, { clock });
		const elsewhere = createTestAuth(database.db, { clock });
		const credential = await obtain(here, user.email);
		expect((await use(here, credential)).status).toBe(200);
		expect((await use(elsewhere, credential)).status).toBe(200);
		const headers = { ...credentialHeaders(kind, credential), origin: ORIGIN };
		const logout = await here.request("/api/auth/logout", { method: "POST", headers });
		expect(logout.status).toBe(204);
		expect(logout.headers.get("cache-control")).toBe("no-store");
		expect((await use(here, credential)).status).toBe(401);
		clock.advance(29_999);
		expect((await use(elsewhere, credential)).status).toBe(200);
		clock.advance(1);
		expect((await use(elsewhere, credential)).status).toBe(401);
		expect((await here.request("/api/auth/logout", { method: "POST", headers })).status).toBe(401);
	});

	test("49: that was revoked elsewhere is refused as soon as that is heard", async () => {
		const user = await addUser(database.db);
		const app = createTestAuth(database.db);
		const credential = await obtain(app, user.email);
		const caller: Caller = await (await use(app, credential)).json();
		await revokeSession(database.db, { id: caller.sessionId, at: new Date() });
		expect((await use(app, credential)).status).toBe(200);
		app.auth.forget(caller.sessionId);
		expect((await use(app, credential)).status).toBe(401);
	});

	test("that was revoked elsewhere can still be logged out, and is then refused", async () => {
		const user = await addUser(database.db);
		const app = createTestAuth(database.db);
		const credential = await obtain(app, user.email);
		const caller: Caller = await (await use(app, credential)).json();
		await revokeSession(database.db, { id: caller.sessionId, at: new Date() });
		const headers = { ...credentialHeaders(kind, credential), origin: ORIGIN };
		expect((await app.request("/api/auth/logout", { method: "POST", headers })).status).toBe(204);
		expect((await use(app, credential)).status).toBe(401);
	});

	test("does not outlive a change of its user that is heard of", async () => {
		const user = await addUser(database.db);
		const bystander = await addUser(database.db);
		const app = createTestAuth(database.db);
		const credential = await obtain(app, user.email);
		const another = await obtain(app, bystander.email);
		await use(app, credential);
		await changeUser(database.db, { email: user.email, at: new Date(), set: { disabledAt: new Date() } });
		app.auth.forgetUser(user.id);
		expect((await use(app, credential)).status).toBe(401);
		expect((await use(app, another)).status).toBe(200);
	});

	test("of a user who was given another role is refused within 30 s", async () => {
		const user = await addUser(database.db, "admin");
		const clock = createTestClock();
		const app = createTestAuth(database.db, { clock });
		const credential = await obtain(app, user.email);
		expect((await use(app, credential)).status).toBe(200);
		await changeUser(database.db, { email: user.email, at: new Date(), set: { role: "user" } });
		clock.advance(30_000);
		expect((await use(app, credential)).status).toBe(401);
		const caller: Caller = await (await use(app, await obtain(app, user.email))).json();
		expect(caller).toMatchObject({ role: "user", roleVersion: 2 });
	});

	test("tells who is asking, and that is never stored", async () => {
		const user = await addUser(database.db);
		const app = createTestAuth(database.db);
		const credential = await obtain(app, user.email);
		const headers = credentialHeaders(kind, credential);
		const response = await app.request("/api/auth/me", { headers });
		expect(await response.json()).toEqual({ user: { id: user.id, role: "user" }, via: kind });
		expect(response.headers.get("cache-control")).toBe("no-store");
	});

	test("opens the administrators' door to administrators only", async () => {
		const app = createTestAuth(database.db);
		const enter = async (role: "user" | "admin") => {
			const user = await addUser(database.db, role);
			const credential = await obtain(app, user.email);
			const headers = credentialHeaders(kind, credential);
			return app.request("/admin", { headers });
		};
		expect((await enter("admin")).status).toBe(200);
		const refused = await enter("user");
		expect(refused.status).toBe(403);
		expect(await refused.json()).toMatchObject({ type: "urn:retyn:problem:forbidden" });
	});
});

describe("a request without a credential", () => {
	test("is 401 with a challenge, never a redirect", async () => {
		const { request } = createTestAuth(database.db);
		for (const path of ["/thing", "/admin", "/api/auth/me"]) {
			const response = await request(path, { headers: { accept: "text/html" } });
			expect(response.status).toBe(401);
			expect(response.headers.get("www-authenticate")).toBe('Bearer realm="retyn-avm"');
			expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:unauthenticated" });
		}
	});

	test("is what one with a made-up cookie is taken for, without asking the database for nonsense", async () => {
		const { db, statements } = counting(database);
		const { withCookie } = createTestAuth(db);
		expect((await withCookie("__Host-retyn_session=' or 1=1 --")).status).toBe(401);
		expect((await withCookie(`__Host-retyn_session=${"x".repeat(4000)}`)).status).toBe(401);
		expect(statements()).toBe(0);
		expect((await withCookie(`__Host-retyn_session=${"x".repeat(43)}`)).status).toBe(401);
		expect(statements()).toBe(1);
	});
});

test("logging out a browser clears its cookie", async () => {
	const user = await addUser(database.db);
	const { cookieOf, request } = createTestAuth(database.db);
	const headers = { cookie: await cookieOf(user.email), "sec-fetch-site": "same-origin" };
	const response = await request("/api/auth/logout", { method: "POST", headers });
	const cleared = response.headers.get("set-cookie");
	expect(cleared).toStartWith("__Host-retyn_session=;");
	for (const attribute of ["Max-Age=0", "Path=/", "Secure", "HttpOnly"]) expect(cleared).toContain(attribute);
});
