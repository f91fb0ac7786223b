import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { changeUser } from "../../db/queries/identity.ts";
import { sessions } from "../../db/schema/index.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quickPasswords } from "../support/passwords.ts";
import { addUser, createTestAuth, ORIGIN, PASSWORD, recordingLogger } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("signing in with a browser", () => {
	test("sets a cookie that scripts, other sites and plain HTTP do not get", async () => {
		const user = await addUser(database.db);
		const { login } = createTestAuth(database.db);
		const response = await login(user.email);
		expect(response.status).toBe(200);
		const [pair = "", ...attributes] = response.headers.get("set-cookie")?.split("; ") ?? [];
		expect(pair).toMatch(/^__Host-retyn_session=[\w-]{43}$/);
		expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Lax", "Secure"]);
		expect(response.headers.get("cache-control")).toBe("no-store");
	});

	test("over plain HTTP uses a name without the prefix, and no Secure", async () => {
		const user = await addUser(database.db);
		const { login } = createTestAuth(database.db, { config: { cookieSecure: false } });
		const cookie = (await login(user.email)).headers.get("set-cookie");
		expect(cookie).toStartWith("retyn_session=");
		expect(cookie).not.toContain("Secure");
		expect(cookie).toContain("HttpOnly");
	});

	test("says who signed in and until when", async () => {
		const user = await addUser(database.db, "admin");
		const clock = createTestClock();
		const { login } = createTestAuth(database.db, { clock });
		expect(await (await login(`  ${user.email.toUpperCase()} `)).json()).toEqual({
			user: { id: user.id, email: user.email, role: "admin" },
			expires_at: new Date(clock() + 12 * 3_600_000).toISOString(),
		});
	});

	test("keeps the cookie's value only as a hash", async () => {
		const user = await addUser(database.db);
		const { cookieOf } = createTestAuth(database.db);
		const secret = (await cookieOf(user.email)).split("=")[1] ?? "";
		const [row] = await database.db.select().from(sessions).where(eq(sessions.userId, user.id));
		expect(row?.kind).toBe("cookie");
		expect(row?.secretHash).toHaveLength(43);
		expect(JSON.stringify(row)).not.toContain(secret);
	});

	test("gives a new value every time and ends the session that it replaces", async () => {
		const user = await addUser(database.db);
		const { cookieOf, post, withCookie } = createTestAuth(database.db);
		const first = await cookieOf(user.email);
		expect((await withCookie(first)).status).toBe(200);
		const body = { email: user.email, password: PASSWORD };
		const response = await post("/api/auth/login", body, { cookie: first });
		const second = response.headers.get("set-cookie")?.split(";")[0] ?? "";
		expect(second).not.toBe(first);
		expect((await withCookie(second)).status).toBe(200);
		expect((await withCookie(first)).status).toBe(401);
	});

	test("never takes over a value that somebody else chose", async () => {
		const user = await addUser(database.db);
		const { post, withCookie } = createTestAuth(database.db);
		const planted = `__Host-retyn_session=${"A".repeat(43)}`;
		const body = { email: user.email, password: PASSWORD };
		expect((await post("/api/auth/login", body, { cookie: planted })).status).toBe(200);
		expect((await withCookie(planted)).status).toBe(401);
	});

	test("from another site's page is refused, whatever the password", async () => {
		const user = await addUser(database.db);
		const { post } = createTestAuth(database.db);
		const body = { email: user.email, password: PASSWORD };
		for (const headers of [
			{ origin: "https://evil.example" },
			{ origin: "null" },
			{ "sec-fetch-site": "cross-site" },
			{ "sec-fetch-site": "same-site", origin: "https://other.avm.example" },
		]) {
			const response = await post("/api/auth/login", body, headers as Record<string, string>);
			expect(response.status).toBe(403);
			expect(await response.json()).toMatchObject({ type: "urn:retyn:problem:cross-site" });
			expect(response.headers.get("set-cookie")).toBeNull();
		}
		expect((await post("/api/auth/login", body, { origin: ORIGIN })).status).toBe(200);
	});

	test("clears away sessions that have expired", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock(Date.UTC(2020, 0, 1));
		const { cookieOf } = createTestAuth(database.db, { clock });
		await cookieOf(user.email);
		clock.advance(13 * 3_600_000);
		await cookieOf(user.email);
		const rows = await database.db.select().from(sessions).where(eq(sessions.userId, user.id));
		expect(rows.map((row) => row.expiresAt.getTime())).toEqual([clock() + 12 * 3_600_000]);
	});
});

describe("getting a token", () => {
	test("answers as OAuth's token endpoint does", async () => {
		const user = await addUser(database.db);
		const { post, withToken } = createTestAuth(database.db);
		const response = await post("/api/auth/token", { email: user.email, password: PASSWORD });
		expect(response.headers.get("cache-control")).toBe("no-store");
		expect(response.headers.get("set-cookie")).toBeNull();
		const body: { access_token: string; token_type?: string; expires_in?: number } = await response.json();
		expect(body).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 900 });
		const caller = await (await withToken(body.access_token)).json();
		expect(caller).toMatchObject({ userId: user.id, role: "user", roleVersion: 1, via: "token" });
	});
});

describe("wrong credentials", () => {
	test("give one answer, whatever is wrong with them", async () => {
		const user = await addUser(database.db);
		const disabled = await addUser(database.db);
		await changeUser(database.db, { email: disabled.email, at: new Date(), set: { disabledAt: new Date() } });
		const { post } = createTestAuth(database.db);
		for (const path of ["/api/auth/login", "/api/auth/token"]) {
			const answers = await Promise.all([
				post(path, { email: user.email, password: "wrong" }),
				post(path, { email: "nobody@example.com", password: PASSWORD }),
				post(path, { email: disabled.email, password: PASSWORD }),
			]);
			const bodies = await Promise.all(answers.map((answer) => answer.text()));
			expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
			expect(new Set(bodies).size).toBe(1);
			expect(answers[0]?.headers.get("www-authenticate")).toBe('Bearer realm="retyn-avm"');
			expect(answers[0]?.headers.get("set-cookie")).toBeNull();
		}
	});

	test("cost one password check each, also where there is no such user", async () => {
		const user = await addUser(database.db);
		const checked: string[] = [];
		const passwords = {
			...quickPasswords,
			verify(password: string, hash: string) {
				checked.push(hash);
				return quickPasswords.verify(password, hash);
			},
		};
		const { login } = createTestAuth(database.db, { passwords });
		await login("nobody@example.com");
		await login("nobody-else@example.com");
		await login(user.email, "wrong");
		expect(checked).toHaveLength(3);
		expect(checked[0]).toBe(checked[1] as string);
		expect(checked[0]).toStartWith("$argon2id$");
		expect(checked[2]).toBe(user.passwordHash);
	});

	test("and tokens are never logged", async () => {
		const user = await addUser(database.db);
		const logger = recordingLogger();
		const { login, cookieOf, tokenOf } = createTestAuth(database.db, { logger });
		await login(user.email, "the wrong password");
		const secrets = [await cookieOf(user.email), await tokenOf(user.email), PASSWORD, "the wrong password"];
		const log = JSON.stringify(logger.lines);
		expect(log).toContain("Sign-in refused");
		for (const secret of secrets) expect(log).not.toContain(secret);
	});
});

describe("a body that is not credentials", () => {
	const cases: [string, unknown, number][] = [
		["broken JSON", "{", 400],
		["no object", "[]", 422],
		["no password", { email: "a@example.com" }, 422],
		["an empty password", { email: "a@example.com", password: "" }, 422],
		["an endless password", { email: "a@example.com", password: "x".repeat(257) }, 422],
		["no e-mail", { email: "a", password: PASSWORD }, 422],
		["an endless e-mail", { email: `${"a".repeat(255)}@example.com`, password: PASSWORD }, 422],
		["a NUL in the e-mail", { email: "a\u0000@example.com", password: PASSWORD }, 422],
		["objects for texts", { email: { $ne: "" }, password: { $ne: "" } }, 422],
	];
	test.each(cases)("with %s is refused with a reason", async (_, body, status) => {
		const { post } = createTestAuth(database.db);
		for (const path of ["/api/auth/login", "/api/auth/token"]) {
			const response = await post(path, body);
			expect(response.status).toBe(status);
			expect(response.headers.get("content-type")).toBe("application/problem+json");
		}
	});

	test("sent as a form is refused with 415", async () => {
		const { post } = createTestAuth(database.db);
		const form = `email=a@example.com&password=${PASSWORD}`;
		const headers = { "content-type": "application/x-www-form-urlencoded" };
		expect((await post("/api/auth/login", form, headers)).status).toBe(415);
		expect((await post("/api/auth/token", form, { "content-type": "text/plain" })).status).toBe(415);
	});
});
