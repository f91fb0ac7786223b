import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { changeUser, revokeSession } from "../../db/queries/identity.ts";
import { createAskDatabase, DatabaseUnavailable } from "../../src/auth/ask-database.ts";
import type { Caller } from "../../src/http/env.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { createDatabaseLink, type DatabaseLink } from "./database-link.ts";
import { addUser, createTestAuth, ORIGIN, PASSWORD, recordingLogger } from "./support.ts";

let database: TestDatabase;
let link: DatabaseLink;
let linked: DatabaseHandle;

beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
	link = await createDatabaseLink(database.url);
	linked = openDatabase({ url: link.url, max: 2, connectTimeoutS: 1 });
});
afterEach(async () => {
	await linked.sql.end({ timeout: 0 });
	await link.close();
});

async function expectUnavailable(response: Response): Promise<void> {
	expect(response.status).toBe(503);
	expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
	const text = await response.text();
	expect(JSON.parse(text)).toMatchObject({ type: "urn:retyn:problem:unavailable" });
	expect(text).not.toMatch(/select|127\.0\.0\.1|ECONN/i);
}

describe("without the database", () => {
	test("49: a token with a right signature and right dates goes on until it expires", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const { tokenOf, withToken } = createTestAuth(linked.db, { clock });
		const token = await tokenOf(user.email);
		await link.cut();
		const response = await withToken(token);
		expect(await response.json()).toMatchObject({ userId: user.id, role: "user", via: "token" });
		clock.advance(899_999);
		expect((await withToken(token)).status).toBe(200);
		clock.advance(1);
		expect((await withToken(token)).status).toBe(401);
		expect((await withToken(`${token}x`)).status).toBe(401);
	});

	test("49: a remembered session goes on for its 30 s, then is 503", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const { cookieOf, withCookie } = createTestAuth(linked.db, { clock });
		const cookie = await cookieOf(user.email);
		expect((await withCookie(cookie)).status).toBe(200);
		await link.cut();
		clock.advance(29_999);
		expect((await withCookie(cookie)).status).toBe(200);
		clock.advance(1);
		await expectUnavailable(await withCookie(cookie));
	});

	test("49: a session that is not remembered is 503, and so are signing in and out", async () => {
		const user = await addUser(database.db);
		const { cookieOf, tokenOf, withCookie, login, post, request } = createTestAuth(linked.db);
		const cookie = await cookieOf(user.email);
		const token = await tokenOf(user.email);
		await link.cut();
		await expectUnavailable(await withCookie(cookie));
		await expectUnavailable(await login(user.email));
		await expectUnavailable(await post("/api/auth/token", { email: user.email, password: PASSWORD }));
		const headers = { authorization: `Bearer ${token}` };
		await expectUnavailable(await request("/api/auth/logout", { method: "POST", headers }));
	});

	test("a token that is known here to be revoked does not go on", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const { auth, tokenOf, withToken } = createTestAuth(linked.db, { clock });
		const heard = await tokenOf(user.email);
		const refused = await tokenOf(user.email);
		const { sessionId }: Caller = await (await withToken(heard)).json();
		const second: Caller = await (await withToken(refused)).json();
		await revokeSession(database.db, { id: second.sessionId, at: new Date() });
		clock.advance(30_000);
		expect((await withToken(refused)).status).toBe(401);
		auth.forget(sessionId);
		await link.cut();
		await expectUnavailable(await withToken(heard));
		await expectUnavailable(await withToken(refused));
	});

	test("a user's tokens do not go on after a change that was heard of", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const { auth, tokenOf, withToken } = createTestAuth(linked.db, { clock });
		const before = await tokenOf(user.email);
		await changeUser(database.db, { email: user.email, at: new Date() });
		auth.forgetUser(user.id);
		clock.advance(1000);
		const after = await tokenOf(user.email);
		await link.cut();
		await expectUnavailable(await withToken(before));
		expect((await withToken(after)).status).toBe(200);
	});

	test("everything works again once it is back, and both changes are logged once", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const logger = recordingLogger();
		const { cookieOf, withCookie } = createTestAuth(linked.db, { clock, logger });
		const cookie = await cookieOf(user.email);
		await link.cut();
		for (let i = 0; i < 20; i++) await expectUnavailable(await withCookie(cookie));
		await link.restore();
		await eventually(async () => {
			clock.advance(1000);
			return (await withCookie(cookie)).status === 200;
		});
		const messages = logger.lines.map(({ message }) => message);
		expect(
			messages.filter((message) => message === "The database does not answer authentication"),
		).toHaveLength(1);
		expect(
			messages.filter((message) => message === "The database answers authentication again"),
		).toHaveLength(1);
		expect(JSON.stringify(logger.lines)).not.toContain("select");
	});

	test("that accepts connections but never answers, a token waits 2 s once and then not at all", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const { tokenOf, withToken, request, cookieOf } = createTestAuth(linked.db, { clock });
		const token = await tokenOf(user.email);
		const cookie = await cookieOf(user.email);
		link.silence();
		const began = performance.now();
		expect((await withToken(token)).status).toBe(200);
		const first = performance.now() - began;
		expect(first).toBeGreaterThan(900);
		expect(first).toBeLessThan(3000);
		for (let i = 0; i < 20; i++) expect((await withToken(token)).status).toBe(200);
		const headers = { cookie, origin: ORIGIN };
		await expectUnavailable(await request("/thing", { method: "POST", headers }));
		expect(performance.now() - began - first).toBeLessThan(500);
	});
});

describe("asking the database", () => {
	const silent = () => new Promise<never>(() => {});
	const failing = () => Promise.reject(Object.assign(new Error("gone"), { code: "ECONNREFUSED" }));

	test("lets one question through after the pause, while the others still fail at once", async () => {
		const clock = createTestClock();
		const ask = createAskDatabase({ clock, logger: recordingLogger() });
		let asked = 0;
		await expect(ask(failing)).rejects.toBeInstanceOf(DatabaseUnavailable);
		const { promise: slow, resolve } = Promise.withResolvers<string>();
		const question = () => {
			asked++;
			return slow;
		};
		await expect(ask(question)).rejects.toBeInstanceOf(DatabaseUnavailable);
		clock.advance(1000);
		const probe = ask(question);
		await expect(ask(question)).rejects.toBeInstanceOf(DatabaseUnavailable);
		expect(asked).toBe(1);
		resolve("back");
		expect(await probe).toBe("back");
		expect(await ask(async () => "fine")).toBe("fine");
	});

	test("does not take a refused value for an outage", async () => {
		const ask = createAskDatabase({ clock: createTestClock(), logger: recordingLogger() });
		const duplicate = Object.assign(new Error("duplicate key"), { code: "23505" });
		const wrapped = new Error("Failed query", { cause: duplicate });
		await expect(ask(() => Promise.reject(wrapped))).rejects.toBe(wrapped);
		expect(await ask(async () => "fine")).toBe("fine");
	});

	test("gives up in time", async () => {
		const ask = createAskDatabase({ clock: createTestClock(), logger: recordingLogger(), deadlineMs: 5 });
		await expect(ask(silent)).rejects.toBeInstanceOf(DatabaseUnavailable);
	});

	test("does not pause for hours when the clock is set back", async () => {
		const clock = createTestClock();
		const ask = createAskDatabase({ clock, logger: recordingLogger() });
		await expect(ask(failing)).rejects.toBeInstanceOf(DatabaseUnavailable);
		clock.advance(-3_600_000);
		expect(await ask(async () => "fine")).toBe("fine");
	});
});
