import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { throttleKey } from "../../src/auth/client-address.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addUser, createTestAuth, PASSWORD } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("attempts to sign in", () => {
	test("may fail a few times before the right password", async () => {
		const user = await addUser(database.db);
		const { login } = createTestAuth(database.db);
		for (let i = 0; i < 4; i++) expect((await login(user.email, "wrong")).status).toBe(401);
		expect((await login(user.email)).status).toBe(200);
	});

	test("for one e-mail are limited over both routes, and free again after the time that is named", async () => {
		const user = await addUser(database.db);
		const clock = createTestClock();
		const { login, post } = createTestAuth(database.db, { clock });
		for (let i = 0; i < 3; i++) await login(user.email, "wrong");
		const body = { email: user.email.toUpperCase(), password: "wrong" };
		for (let i = 0; i < 2; i++) expect((await post("/api/auth/token", body)).status).toBe(401);
		const refused = await login(user.email);
		expect(refused.status).toBe(429);
		expect(await refused.json()).toMatchObject({ type: "urn:retyn:problem:too-many-requests" });
		clock.advance(Number(refused.headers.get("retry-after")) * 1000);
		expect((await login(user.email)).status).toBe(200);
		const other = await addUser(database.db);
		expect((await login(other.email)).status).toBe(200);
	});

	test("cost no password check once they are over the limit", async () => {
		let checks = 0;
		const passwords = {
			hash: (password: string) =>
				Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 8, timeCost: 1 }),
			verify(password: string, hash: string) {
				checks++;
				return Bun.password.verify(password, hash);
			},
		};
		const { login } = createTestAuth(database.db, { passwords });
		const statuses: number[] = [];
		for (let i = 0; i < 8; i++) statuses.push((await login("nobody@example.com")).status);
		expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
		expect(checks).toBe(5);
	});

	test("from one address are limited whatever the e-mails", async () => {
		let address = "192.0.2.1";
		const { login } = createTestAuth(database.db, {
			clientAddress: () => address,
			config: { loginAttemptsPerMinute: 1 },
		});
		for (let i = 0; i < 4; i++) expect((await login(`nobody-${i}@example.com`)).status).toBe(401);
		expect((await login("nobody-4@example.com")).status).toBe(429);
		address = "192.0.2.2";
		expect((await login("nobody-5@example.com")).status).toBe(401);
	});

	test("are counted for the address that our proxy saw, and only behind a proxy", async () => {
		const attempt = async (trustProxy: boolean, forwarded: (i: number) => string) => {
			const { post } = createTestAuth(database.db, { trustProxy, config: { loginAttemptsPerMinute: 1 } });
			const statuses: number[] = [];
			for (let i = 0; i < 5; i++) {
				const body = { email: `nobody-${i}@example.com`, password: PASSWORD };
				const headers = { "x-forwarded-for": forwarded(i) };
				statuses.push((await post("/api/auth/token", body, headers)).status);
			}
			return statuses.at(-1);
		};
		expect(await attempt(false, (i) => `198.51.100.${i}`)).toBe(429);
		expect(await attempt(true, (i) => `198.51.100.${i}`)).toBe(401);
		expect(await attempt(true, (i) => `198.51.100.${i}, 203.0.113.9`)).toBe(429);
	});
});

describe("the key that an address is counted under", () => {
	test.each([
		["203.0.113.9", "203.0.113.9"],
		["203.0.113.9:51234", "203.0.113.9"],
		["::ffff:203.0.113.9", "203.0.113.9"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
		["2001:0DB8:1:2::6", "2001:db8:1:2::/64"],
		["[2001:db8:1:2::6]:443", "2001:db8:1:2::/64"],
		["2001:db8::1", "2001:db8:0:0::/64"],
		["::1", "0:0:0:0::/64"],
		["fe80::1%eth0", "fe80:0:0:0::/64"],
		[undefined, "unknown"],
		["", "unknown"],
	])("of %p is %p", (address, key) => {
		expect(throttleKey(address)).toBe(key);
	});

	test("is short, whatever a proxy passes on", () => {
		expect(throttleKey("a:".repeat(10_000)).length).toBeLessThan(80);
		expect(throttleKey("x".repeat(10_000)).length).toBeLessThan(80);
	});
});
