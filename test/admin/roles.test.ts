import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type AdminApp, createAdminApp } from "./support.ts";

let database: TestDatabase;
let app: AdminApp;
beforeAll(async () => {
	database = await createTestDatabase();
	app = await createAdminApp({ database });
});
afterAll(() => database.drop());

const ROUTES = [
	["GET", "cache/stats"],
	["GET", "cache/entries"],
	["GET", "cache/entries/areas%3A0123"],
	["GET", "cache/explain?path=/api/areas/buy"],
	["POST", "cache/explain"],
	["POST", "cache/purge"],
	["POST", "cache/expire"],
	["POST", "cache/warm"],
	["GET", "audit"],
	["GET", "cache/nothing-of-the-kind"],
] as const;

describe.each(ROUTES)("%s /api/admin/%s", (method, path) => {
	const body = method === "POST" ? { everything: true } : undefined;
	const as = (token: string | null) =>
		app.get(`/api/admin/${path}`, token, {
			method,
			headers: { "Content-Type": "application/json" },
			...(body && { body: JSON.stringify(body) }),
		});

	test("is for nobody who has not signed in", async () => {
		const response = await as(null);
		expect(response.status).toBe(401);
		expect(response.headers.get("Cache-Control")).toBe("no-store");
	});

	test("is for no user", async () => {
		const response = await as(app.token);
		expect(response.status).toBe(403);
		expect(response.headers.get("Cache-Control")).toBe("no-store");
		expect(await response.json()).toMatchObject({
			type: "urn:retyn:problem:forbidden",
			detail: "Only administrators may do this.",
		});
	});

	test("gives administrators what no cache may keep", async () => {
		const response = await as(app.admin);
		expect([401, 403, 500]).not.toContain(response.status);
		expect(response.headers.get("Cache-Control")).toBe("no-store");
	});
});

test("whoever was refused has changed nothing and is in no audit", async () => {
	for (const token of [null, app.token]) {
		await app.post("/api/admin/cache/expire", { tags: ["model"] }, { token });
	}
	const { events } = (await (await app.ask("audit")).json()) as { events: { action: string }[] };
	expect(events.filter(({ action }) => action === "cache.expire")).toEqual([]);
});
