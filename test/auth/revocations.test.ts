import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { changeUser } from "../../db/queries/identity.ts";
import { type AuthDeps, publishRevokedUser } from "../../src/auth/index.ts";
import type { Caller } from "../../src/http/env.ts";
import { createTestClock } from "../cache/support/clock.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addUser, createTestAuth, ORIGIN, PASSWORD, recordingLogger } from "./support.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

type TestBus = NonNullable<AuthDeps["bus"]>;
type App = ReturnType<typeof createTestAuth>;

/** Buses of instances that hear each other at once, and nobody themselves. */
function createHub(): () => TestBus {
	const listeners: { owner: TestBus; topic: string; listener: (items: readonly string[]) => void }[] = [];
	return () => {
		const bus: TestBus = {
			async publish(topic, items) {
				for (const other of listeners) {
					if (other.owner !== bus && other.topic === topic) other.listener(items);
				}
			},
			on(topic, listener) {
				const entry = { owner: bus, topic, listener };
				listeners.push(entry);
				return () => void listeners.splice(listeners.indexOf(entry), 1);
			},
		};
		return bus;
	};
}

/** Two instances in one time, which does not go on. */
function createTwo() {
	const join = createHub();
	const clock = createTestClock();
	const here = createTestAuth(database.db, { clock, bus: join() });
	const elsewhere = createTestAuth(database.db, { clock, bus: join() });
	return { here, elsewhere, join };
}

const kinds = [
	[
		"cookie",
		(app: App, email: string) => app.cookieOf(email),
		(credential: string): Record<string, string> => ({ cookie: credential, origin: ORIGIN }),
	],
	[
		"token",
		(app: App, email: string) => app.tokenOf(email),
		(credential: string): Record<string, string> => ({ authorization: `Bearer ${credential}` }),
	],
] as const;

describe.each(kinds)("a %s that another instance remembers", (_, obtain, headersOf) => {
	test("49: is refused there at once after it was logged out here, and others are not", async () => {
		const { here, elsewhere } = createTwo();
		const [user, bystander] = [await addUser(database.db), await addUser(database.db)];
		const headers = headersOf(await obtain(here, user.email));
		const otherHeaders = headersOf(await obtain(here, bystander.email));
		expect((await elsewhere.request("/thing", { headers })).status).toBe(200);
		expect((await elsewhere.request("/thing", { headers: otherHeaders })).status).toBe(200);
		expect((await here.request("/api/auth/logout", { method: "POST", headers })).status).toBe(204);
		await here.auth.settled();
		expect((await elsewhere.request("/thing", { headers })).status).toBe(401);
		expect((await elsewhere.request("/thing", { headers: otherHeaders })).status).toBe(200);
	});

	test("49: is refused there at once after its user was changed", async () => {
		const { elsewhere, join } = createTwo();
		const user = await addUser(database.db);
		const headers = headersOf(await obtain(elsewhere, user.email));
		expect((await elsewhere.request("/thing", { headers })).status).toBe(200);
		await changeUser(database.db, { email: user.email, at: new Date() });
		expect((await elsewhere.request("/thing", { headers })).status).toBe(200);
		await publishRevokedUser(join(), user.id);
		expect((await elsewhere.request("/thing", { headers })).status).toBe(401);
	});
});

test("49: a session that signing in replaced is forgotten elsewhere too", async () => {
	const { here, elsewhere } = createTwo();
	const user = await addUser(database.db);
	const replaced = await here.cookieOf(user.email);
	expect((await elsewhere.withCookie(replaced)).status).toBe(200);
	const credentials = { email: user.email, password: PASSWORD };
	const again = await here.post("/api/auth/login", credentials, { cookie: replaced });
	expect(again.status).toBe(200);
	await here.auth.settled();
	expect((await elsewhere.withCookie(replaced)).status).toBe(401);
});

test("49: what is heard makes nobody's session good or bad by itself: the database is asked", async () => {
	const { elsewhere, join } = createTwo();
	const user = await addUser(database.db);
	const token = await elsewhere.tokenOf(user.email);
	const caller: Caller = await (await elsewhere.withToken(token)).json();
	await join().publish("revoked-sessions", [caller.sessionId, "", "__proto__"]);
	await publishRevokedUser(join(), user.id);
	expect((await elsewhere.withToken(token)).status).toBe(200);
});

describe("with a bus that fails", () => {
	test.each([
		["rejects", () => Promise.reject(new Error("the bus is down"))],
		[
			"throws",
			() => {
				throw new Error("the bus is down");
			},
		],
	])(
		"49: by way of one that %s, logging out works as ever, and the failure is logged",
		async (_, publish) => {
			const logger = recordingLogger();
			const app = createTestAuth(database.db, { logger, bus: { publish, on: () => () => {} } });
			const token = await app.tokenOf((await addUser(database.db)).email);
			const headers = { authorization: `Bearer ${token}` };
			expect((await app.request("/api/auth/logout", { method: "POST", headers })).status).toBe(204);
			await app.auth.settled();
			expect((await app.withToken(token)).status).toBe(401);
			expect(logger.lines).toContainEqual({
				level: "warn",
				fields: { reason: "the bus is down" },
				message: "Other instances were not told of a revocation",
			});
		},
	);

	test("49: by way of one that hangs, nobody waits for it", async () => {
		const bus: TestBus = { publish: () => new Promise(() => {}), on: () => () => {} };
		const app = createTestAuth(database.db, { bus });
		const token = await app.tokenOf((await addUser(database.db)).email);
		const headers = { authorization: `Bearer ${token}` };
		expect((await app.request("/api/auth/logout", { method: "POST", headers })).status).toBe(204);
		expect((await app.withToken(token)).status).toBe(401);
	});
});
