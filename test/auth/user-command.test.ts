import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { eq } from "drizzle-orm";
import { findUserByEmail } from "../../db/queries/identity.ts";
import { sessions } from "../../db/schema/index.ts";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addUser, createTestAuth, PASSWORD } from "./support.ts";

const COMMAND = fileURLToPath(new URL("../../src/cli/user.ts", import.meta.url));

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

async function run(args: string[], { input = "", url = database.url, env = {} } = {}) {
	const child = Bun.spawn([process.execPath, "--no-env-file", COMMAND, ...args], {
		stdin: new Blob([input]),
		stdout: "pipe",
		stderr: "pipe",
		env: { ...process.env, DATABASE_URL: url, NO_COLOR: "1", ...env },
	});
	const [out, err, exit] = await Promise.all([
		new Response(child.stdout).text(),
		new Response(child.stderr).text(),
		child.exited,
	]);
	return { out, err, exit };
}

describe("user:add", () => {
	test("takes the password from a pipe and adds somebody who can sign in", async () => {
		const added = await run(["add", "New@Example.com", "--role", "admin"], { input: `${PASSWORD}\n` });
		expect(added).toEqual({ out: "Added new@example.com with the role admin.\n", err: "", exit: 0 });
		const { login } = createTestAuth(database.db, { passwords: bunPasswords });
		expect(await (await login("new@example.com")).json()).toMatchObject({ user: { role: "admin" } });
	});

	test("prints a password that it made up, and keeps only its hash", async () => {
		const { out, exit } = await run(["add", "made-up@example.com", "--generate"]);
		expect(exit).toBe(0);
		const password = /once: (\S+)/.exec(out)?.[1] ?? "";
		expect(password.length).toBeGreaterThanOrEqual(20);
		const user = await findUserByEmail(database.db, { email: "made-up@example.com" });
		expect(user).toMatchObject({ role: "user", disabledAt: null });
		expect(await bunPasswords.verify(password, user?.passwordHash ?? "")).toBe(true);
	});

	test("changes nothing where the e-mail is there, unless told to", async () => {
		const user = await addUser(database.db);
		const { withToken, tokenOf } = createTestAuth(database.db);
		const token = await tokenOf(user.email);
		const again = await run(["add", user.email, "--role", "admin"], { input: "another long password" });
		expect(again.exit).toBe(2);
		expect(again.err).toContain("is there already");
		expect(await findUserByEmail(database.db, { email: user.email })).toEqual(user);

		const update = await run(["add", user.email, "--update", "--role", "admin"], {
			input: "another long password",
		});
		expect(update).toMatchObject({ out: `Updated ${user.email}; 1 session ended.\n`, exit: 0 });
		expect((await withToken(token)).status).toBe(401);
		const changed = await findUserByEmail(database.db, { email: user.email });
		expect(changed).toMatchObject({ id: user.id, role: "admin", roleVersion: 2 });
		expect(await bunPasswords.verify("another long password", changed?.passwordHash ?? "")).toBe(true);
	});
});

describe("user:revoke", () => {
	test("ends what was handed out; with --disable nothing more is", async () => {
		const user = await addUser(database.db);
		const { tokenOf, cookieOf, withToken, login } = createTestAuth(database.db);
		const token = await tokenOf(user.email);
		await cookieOf(user.email);
		expect((await run(["revoke", user.email])).out).toStartWith(`2 sessions of ${user.email} ended`);
		expect((await withToken(token)).status).toBe(401);
		const rows = await database.db.select().from(sessions).where(eq(sessions.userId, user.id));
		expect(rows.every(({ revokedAt }) => revokedAt !== null)).toBe(true);
		expect((await login(user.email)).status).toBe(200);
		expect((await run(["revoke", user.email, "--disable"])).exit).toBe(0);
		expect((await login(user.email)).status).toBe(401);
	});
});

describe("running servers", () => {
	const SIGNING_KEY = "a-key-of-the-tests-0123456789-abcdefgh";
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await createTestRedis({ password: "long enough for it" });
	});
	afterAll(() => redis.stop());

	test("49: that share a Redis forget at once whoever was revoked or changed", async () => {
		const { port, password } = redis;
		const backend = openRedisBackend({
			redis: { host: "127.0.0.1", port, password },
			memoryBytes: 0,
			clock: createTestClock(),
			deadlineMs: 50,
			signingKeys: [SIGNING_KEY],
		});
		const app = createTestAuth(database.db, { bus: backend.bus });
		await eventually(() => backend.bus.connected);
		const env = {
			REDIS_ENABLED: "true",
			REDIS_PORT: String(port),
			REDIS_PASSWORD: password,
			CACHE_SIGNING_KEY: SIGNING_KEY,
		};
		const user = await addUser(database.db);
		const revoked = await app.tokenOf(user.email);
		expect((await app.withToken(revoked)).status).toBe(200);
		const { out, exit } = await run(["revoke", user.email], { env });
		expect([out, exit]).toEqual([`1 session of ${user.email} ended; running servers were told.\n`, 0]);
		await eventually(async () => (await app.withToken(revoked)).status === 401);
		const changed = await app.tokenOf(user.email);
		expect((await app.withToken(changed)).status).toBe(200);
		await run(["add", user.email, "--update", "--role", "admin"], { input: "another long password", env });
		await eventually(async () => (await app.withToken(changed)).status === 401);
		await backend.close();
	});

	test("49: that cannot be told, as Redis is gone, follow within 30 s, and the command says so", async () => {
		const user = await addUser(database.db);
		const env = { REDIS_ENABLED: "true", REDIS_PORT: String(await freePort()) };
		const { out, exit } = await run(["revoke", user.email], { env });
		expect([out, exit]).toEqual([
			`0 sessions of ${user.email} ended; running servers follow within 30 s.\n`,
			0,
		]);
	});
});

describe("what cannot be done is said in a sentence, with exit code 2", () => {
	test.each([
		[["add", "a@example.com"], "too short", "The password is too short: 12 characters or more"],
		[["add", "not-an-address"], "", "not-an-address is not an e-mail address"],
		[["add", "a@example.com", "--role", "king"], "", "--role has to be user or admin"],
		[["add", "nobody@example.com", "--update", "--generate"], "", "There is no user nobody@example.com"],
		[["revoke", "nobody@example.com"], "", "There is no user nobody@example.com"],
		[["revoke", "a@example.com", "--generate"], "", "bun run user:revoke EMAIL"],
		[["add", "a@example.com", "--nonsense"], "", "Unknown option '--nonsense'"],
		[[], "", "bun run user:add EMAIL"],
	])("%j", async (args, input, sentence) => {
		const { err, exit } = await run(args, { input });
		expect(err).toContain(sentence);
		expect(err).not.toContain("    at ");
		expect(exit).toBe(2);
	});

	test("and a database that is not there with exit code 1", async () => {
		const url = `postgres://nobody@127.0.0.1:${await freePort()}/none`;
		const { err, exit } = await run(["add", "a@example.com", "--generate"], { url });
		expect(err).toContain("ECONNREFUSED");
		expect(err).not.toMatch(/argon2|insert/);
		expect(exit).toBe(1);
	});
});
