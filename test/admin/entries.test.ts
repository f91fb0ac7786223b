import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { seedSmallMarket } from "../support/market.ts";
import { type AdminApp, bodyOf, createAdminApp, FLAT } from "./support.ts";

let database: TestDatabase;
let app: AdminApp;
beforeAll(async () => {
	database = await createTestDatabase();
	await seedSmallMarket(database.db);
});
beforeEach(async () => {
	app = await createAdminApp({ database });
	await app.get("/api/areas/buy");
	await app.get("/api/areas/rent");
	await app.value(FLAT);
});
afterAll(() => database.drop());

const keysOf = (entries: { key: string }[]) => entries.map(({ key }) => key);

describe("the list of entries", () => {
	test("tells of each what is known of it, and shows no body", async () => {
		app.clock.advance(10_000);
		const body = await bodyOf(app.ask("cache/entries?prefix=areas:"));
		expect(body.entries).toHaveLength(2);
		expect(body.next_cursor).toBeNull();
		expect(body.entries[0]).toEqual({
			key: expect.stringMatching(/^areas:[\da-f]+$/),
			policy: "areas",
			bytes: expect.any(Number),
			stored_at: "2026-08-01T04:00:00.000Z",
			age_s: 10,
			ttl_s: expect.any(Number),
			kept_s: expect.any(Number),
		});
		expect(JSON.stringify(body)).not.toContain("Business Bay");
	});

	test("goes on page by page until all were seen", async () => {
		const all = keysOf((await bodyOf(app.ask("cache/entries"))).entries);
		const seen: string[] = [];
		let cursor = "";
		do {
			const page = await bodyOf(app.ask(`cache/entries?limit=1${cursor}`));
			seen.push(...keysOf(page.entries));
			cursor = page.next_cursor === null ? "" : `&cursor=${encodeURIComponent(page.next_cursor)}`;
		} while (cursor);
		expect(all.length).toBeGreaterThanOrEqual(4);
		expect(seen.toSorted()).toEqual(all.toSorted());
	});

	test.each(["*", "are?s:", "[a]reas:", "\\*", "areas:{x}", "tag:", "lease:", "state:"])(
		"takes the prefix %j as it is written",
		async (prefix) => {
			const body = await bodyOf(app.ask(`cache/entries?prefix=${encodeURIComponent(prefix)}`));
			expect(body.entries).toEqual([]);
		},
	);

	test.each([
		["limit=0", "limit: must be a whole number from 1 to 500"],
		["limit=501", "limit: must be a whole number from 1 to 500"],
		["limit=1e2", "limit: must be a whole number from 1 to 500"],
		["limit=1&limit=2", '"limit" is given more than once'],
		["prefix=a%0Ab", "prefix: must not have control characters in it"],
		[`prefix=${"a".repeat(513)}`, "prefix: must be 512 characters or fewer"],
		["page=2", 'Unrecognized key: "page"'],
	])("refuses %s", async (query, sentence) => {
		const response = await app.ask(`cache/entries?${query}`);
		expect(response.status).toBe(422);
		expect((await bodyOf(response)).detail).toContain(sentence);
	});

	test.each(["nonsense", "-1", "127.0.0.1:1/99999999999999999999", "%2F%2F", "'; select 1"])(
		"takes a cursor of no meaning for no error: %j",
		async (cursor) => {
			expect((await app.ask(`cache/entries?cursor=${encodeURIComponent(cursor)}`)).status).toBe(200);
		},
	);
});

describe("one entry", () => {
	test("is told with all but its body", async () => {
		const [{ key }] = (await bodyOf(app.ask("cache/entries?prefix=areas:"))).entries;
		const { entry } = await bodyOf(app.ask(`cache/entries/${encodeURIComponent(key)}`));
		expect(entry).toMatchObject({ key, state: "fresh", policy: "areas", status: 200, age_s: 0 });
		expect(entry.headers["content-type"]).toContain("application/json");
		expect(entry.tags.join()).toMatch(/names:(sales|rentals)/);
		expect(Object.keys(entry)).not.toContain("body");
		await app.tell("cache/expire", { tags: ["names:sales", "names:rentals"] });
		expect((await bodyOf(app.ask(`cache/entries/${encodeURIComponent(key)}`))).entry.state).toBe("stale");
	});

	test("that somebody else wrote is told for what it is", async () => {
		await app.store.set("areas:0000", new TextEncoder().encode("not ours"), 60_000);
		const { entry } = await bodyOf(app.ask("cache/entries/areas:0000"));
		expect(entry).toEqual({ key: "areas:0000", state: "unreadable", bytes: 8, kept_s: 60 });
	});

	test.each(["areas:none", "areas:{x}\n", "tag:names:sales", "state:purged-through", "%", "a/b", "*"])(
		"that is not there is a 404: %j",
		async (key) => {
			const response = await app.ask(`cache/entries/${encodeURIComponent(key)}`);
			expect(response.status).toBe(404);
			expect((await bodyOf(response)).type).toBe("urn:retyn:problem:not-found");
		},
	);
});
