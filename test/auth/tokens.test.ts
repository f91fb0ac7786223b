import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sign } from "hono/jwt";
import { insertSession, type UserRow } from "../../db/queries/identity.ts";
import { issueToken } from "../../src/auth/index.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addUser, authConfig, createTestAuth } from "./support.ts";

let database: TestDatabase;
let user: UserRow;
let sessionId: string;
const clock = createTestClock();
const nowS = clock() / 1000;

beforeAll(async () => {
	database = await createTestDatabase();
	user = await addUser(database.db);
	const [createdAt, expiresAt] = [new Date(clock()), new Date(clock() + 900_000)];
	const session = { kind: "token", userId: user.id, createdAt, expiresAt } as const;
	sessionId = (await insertSession(database.db, session)).id;
});
afterAll(() => database.drop());

/** The claims of a token that is valid in every respect, but for what a test changes. */
const claims = (changes: Record<string, unknown> = {}) => ({
	iss: authConfig.jwtIssuer,
	aud: authConfig.jwtAudience,
	sub: user.id,
	jti: sessionId,
	role: "user",
	rv: 1,
	iat: nowS,
	exp: nowS + 900,
	...changes,
});

const forge = (changes: Record<string, unknown> = {}, secret = authConfig.jwtSecret) =>
	sign(claims(changes), secret, "HS256");

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function expectRefused(token: string): Promise<void> {
	const response = await createTestAuth(database.db, { clock }).withToken(token);
	expect(response.status).toBe(401);
	expect(response.headers.get("www-authenticate")).toBe('Bearer realm="retyn-avm", error="invalid_token"');
	expect(response.headers.get("content-type")).toBe("application/problem+json");
	expect(response.headers.get("location")).toBeNull();
}

describe("a token", () => {
	test("with every claim right is accepted", async () => {
		const response = await createTestAuth(database.db, { clock }).withToken(await forge());
		expect(response.status).toBe(200);
	});

	test.each([
		["for another audience", { aud: "another-api" }],
		["of another issuer", { iss: "another-issuer" }],
		["without an audience", { aud: undefined }],
		["without an issuer", { iss: undefined }],
		["that has expired", { iat: nowS - 901, exp: nowS - 1 }],
		["that expires this very second", { exp: nowS }],
		["without an expiry", { exp: undefined }],
		["with a text for an expiry", { exp: "never" }],
		["that is not valid yet", { nbf: nowS + 60 }],
		["that was issued in the future", { iat: nowS + 60 }],
		["of a session that does not exist", { jti: crypto.randomUUID() }],
		["whose id is no UUID", { jti: "' or 1=1 --" }],
		["without an id", { jti: undefined }],
		["of a user that does not own the session", { sub: crypto.randomUUID() }],
		["with a role version of before", { rv: 0 }],
		["with a role that does not exist", { role: "root" }],
	])("%s is refused", async (_, changes) => {
		await expectRefused(await forge(changes));
	});

	test("that was accepted a moment ago is not taken for another that differs in one place", async () => {
		const auth = createTestAuth(database.db, { clock });
		const token = await forge();
		expect((await auth.withToken(token)).status).toBe(200);
		for (const at of [0, 40, token.length - 2]) {
			const changed = token[at] === "A" ? "B" : "A";
			const other = token.slice(0, at) + changed + token.slice(at + 1);
			expect((await auth.withToken(other)).status).toBe(401);
		}
		for (const other of [token.slice(0, -2), `cookie:${token}`]) {
			expect((await auth.withToken(other)).status).toBe(401);
		}
		expect((await auth.withToken(token)).status).toBe(200);
	});

	test("that names a cookie's session is refused", async () => {
		const [createdAt, expiresAt] = [new Date(clock()), new Date(clock() + 900_000)];
		const session = { kind: "cookie", userId: user.id, secretHash: "hash", createdAt, expiresAt } as const;
		const { id } = await insertSession(database.db, session);
		await expectRefused(await forge({ jti: id }));
	});

	test("signed with another secret is refused", async () => {
		await expectRefused(await forge({}, "another-secret-0123456789-0123456789-xyz"));
	});

	test("signed with another algorithm is refused, with the right secret too", async () => {
		await expectRefused(await sign(claims(), authConfig.jwtSecret, "HS512"));
		await expectRefused(await sign(claims(), authConfig.jwtSecret, "HS384"));
	});

	test("that is not signed is refused", async () => {
		const body = part(claims());
		for (const alg of ["none", "None", "NONE", "", null]) {
			await expectRefused(`${part({ alg, typ: "JWT" })}.${body}.`);
		}
		const [header, , signature] = (await forge()).split(".");
		await expectRefused(`${header}.${part(claims({ role: "admin" }))}.${signature}`);
	});

	test("issued by an instance whose clock runs a little ahead is accepted", async () => {
		const token = await forge({ iat: nowS + 4 });
		expect((await createTestAuth(database.db, { clock }).withToken(token)).status).toBe(200);
	});

	test("works with a secret that looks like a PEM file", async () => {
		const config = { jwtSecret: "-----BEGIN PUBLIC PRIVATE KEY----- of the tests" };
		const auth = createTestAuth(database.db, { clock, config });
		expect((await auth.withToken(await auth.tokenOf(user.email))).status).toBe(200);
	});

	test("made without signing in is as good as one from the route, and lasts as long as asked", async () => {
		const later = createTestClock();
		const { withToken } = createTestAuth(database.db, { clock: later });
		const token = await issueToken({ db: database.db, clock: later, config: authConfig }, user, 7200);
		expect((await withToken(token)).status).toBe(200);
		later.advance(7199_000);
		expect((await withToken(token)).status).toBe(200);
		later.advance(1_000);
		expect((await withToken(token)).status).toBe(401);
	});
});

describe("an Authorization header", () => {
	test.each([
		["without a token", "Bearer"],
		["with a blank token", "Bearer  "],
		["with two tokens", "Bearer abc def"],
		["with junk", "Bearer \u00e9\u00ff{}"],
		["with dots only", "Bearer .."],
		["with JSON that is no object", `Bearer ${part(null)}.${part(null)}.`],
		["with an oversized token", `Bearer ${"a".repeat(100_000)}`],
	])("%s is 401 with invalid_token", async (_, authorization) => {
		const response = await createTestAuth(database.db, { clock }).request("/thing", {
			headers: { authorization },
		});
		expect(response.status).toBe(401);
		expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
	});

	test.each([
		["of another scheme", "Basic YTpi"],
		["with a bare token", "abc.def.ghi"],
	])("%s is 401 with a plain challenge", async (_, authorization) => {
		const response = await createTestAuth(database.db, { clock }).request("/thing", {
			headers: { authorization },
		});
		expect(response.status).toBe(401);
		expect(response.headers.get("www-authenticate")).toBe('Bearer realm="retyn-avm"');
	});

	test("names its scheme in any case", async () => {
		const authorization = `bEARER ${await forge()}`;
		const { request } = createTestAuth(database.db, { clock });
		expect((await request("/thing", { headers: { authorization } })).status).toBe(200);
	});

	test("counts, not the cookie beside it", async () => {
		const cookieOwner = await addUser(database.db);
		const { request, cookieOf } = createTestAuth(database.db, { clock });
		const cookie = await cookieOf(cookieOwner.email);
		const both = (authorization: string) =>
			request("/thing", { method: "POST", headers: { authorization, cookie } });
		expect(await (await both(`Bearer ${await forge()}`)).json()).toMatchObject({ userId: user.id });
		expect((await both("Bearer wrong")).status).toBe(401);
		expect((await both("Basic YTpi")).status).toBe(401);
	});

	test("with a cookie's value for a token is refused, also while the cookie is remembered", async () => {
		const { request, withCookie, cookieOf } = createTestAuth(database.db, { clock });
		const cookie = await cookieOf(user.email);
		expect((await withCookie(cookie)).status).toBe(200);
		const authorization = `Bearer ${cookie.split("=")[1]}`;
		expect((await request("/thing", { headers: { authorization } })).status).toBe(401);
	});
});
