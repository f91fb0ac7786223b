import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { recordingLogger } from "../auth/support.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type SmallMarket, seedSmallMarket } from "../support/market.ts";
import { type AdminApp, bodyOf, createAdminApp, FLAT } from "./support.ts";

let database: TestDatabase;
let market: SmallMarket;
let app: AdminApp;
const logger = recordingLogger();
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
});
beforeEach(async () => {
	app = await createAdminApp({ database, logger });
	await app.get("/api/areas/buy");
	await app.get("/api/property-types/buy");
	await app.value(FLAT);
});
afterAll(() => database.drop());

const HIT = /;\s*hit/;
/** Whether the list of areas, the one of types and the valuation are answered from the cache. */
async function hits(): Promise<boolean[]> {
	const answers = [
		await app.get("/api/areas/buy"),
		await app.get("/api/property-types/buy"),
		await app.value(FLAT),
	];
	return answers.map(({ headers }) => HIT.test(headers.get("Cache-Status") ?? ""));
}

async function keyOf(prefix: string): Promise<string> {
	return (await bodyOf(app.ask(`cache/entries?prefix=${prefix}`))).entries[0].key;
}

async function lastEvent() {
	return (await bodyOf(app.ask("audit?limit=1"))).events[0];
}

describe("purging", () => {
	test("by key removes that entry and says whether it was there", async () => {
		const key = await keyOf("areas:");
		const body = await bodyOf(app.tell("cache/purge", { keys: [key, "areas:never"] }));
		expect(body).toEqual({ success: true, purged: { tags: 0, keys: 1 } });
		expect(await hits()).toEqual([false, true, true]);
	});

	test("by prefix and by policy voids all of it", async () => {
		expect((await app.tell("cache/purge", { prefix: "areas:" })).status).toBe(200);
		expect(await hits()).toEqual([false, true, true]);
		expect((await app.tell("cache/purge", { policy: "property-types" })).status).toBe(200);
		expect(await hits()).toEqual([true, false, true]);
	});

	test("by tag voids what carries it", async () => {
		const tags = [`area:${market.areaIds.businessBay}`];
		expect(await bodyOf(app.tell("cache/purge", { tags }))).toMatchObject({ purged: { tags: 1, keys: 0 } });
		expect(await hits()).toEqual([true, true, false]);
	});

	test("everything voids everything", async () => {
		expect((await app.tell("cache/purge", { everything: true })).status).toBe(200);
		expect(await hits()).toEqual([false, false, false]);
	});

	test.each<[unknown, string]>([
		[{}, "must have exactly one of keys, prefix, tags, policy and everything"],
		[{ prefix: "areas:", policy: "areas" }, "must have exactly one of"],
		[{ everything: false }, "everything: must be true"],
		[{ prefix: "*" }, "prefix: must be one that all entries of a policy begin with"],
		[{ prefix: "areas:0" }, "and no part of one: areas:, prop_types:, valuation:, analytics:"],
		[{ prefix: "" }, "prefix: must be one that all"],
		[{ policy: "nobody" }, "policy: must be one of: areas, property-types, valuation"],
		[{ keys: [] }, "keys: must name one at least"],
		[{ keys: ["tag:model"] }, "must begin as the keys of entries do: areas:"],
		[{ keys: ["state:purged-through"] }, "must begin as the keys of entries do"],
		[{ keys: ["lease:{areas:1}"] }, "must begin as the keys of entries do"],
		[{ keys: ["areas:\n{}"] }, "must not have control characters in it"],
		[{ keys: ["areas:\u0000"] }, "must not have control characters in it"],
		[{ keys: ["areas:\uD800"] }, "must not have control characters in it"],
		[{ keys: Array.from({ length: 501 }, () => "areas:1") }, "must name 500 at the most"],
		[{ tags: ["areas:12"] }, "must be one that answers carry: names:sales, names:rentals, model, area:12"],
		[{ tags: ["*"] }, "must be one that answers carry"],
		[{ tags: ["prefix:areas:"] }, "must be one that answers carry"],
		[{ tags: ["area:012"] }, "must be one that answers carry"],
		[{ tags: "model" }, "tags: must be a list"],
		[{ everything: true, and: 1 }, 'Unrecognized key: "and"'],
		[[], "expected object"],
	])("refuses %j, and nothing is purged or written down", async (body, sentence) => {
		const before = await lastEvent();
		const response = await app.tell("cache/purge", body);
		expect(response.status).toBe(422);
		expect((await bodyOf(response)).detail).toContain(sentence);
		expect(await lastEvent()).toEqual(before);
		expect(await hits()).toEqual([true, true, true]);
	});

	test("refuses parameters in its query, a body of 1 MB and one that is no JSON", async () => {
		expect((await app.tell("cache/purge?everything=true", { everything: true })).status).toBe(422);
		expect((await app.tell("cache/purge", { keys: ["a".repeat(1_000_000)] })).status).toBe(413);
		expect((await app.tell("cache/purge", "{")).status).toBe(400);
		expect(await hits()).toEqual([true, true, true]);
	});

	test("takes keys with braces, which are no others", async () => {
		const key = await keyOf("areas:");
		const body = await bodyOf(app.tell("cache/purge", { keys: [`${key}{}`, `areas:{${key}}`] }));
		expect(body.purged.keys).toBe(0);
		expect(await hits()).toEqual([true, true, true]);
	});
});

test("expiring leaves the old answer to be given while a new one is made", async () => {
	const body = await bodyOf(app.tell("cache/expire", { tags: ["names:sales"] }));
	expect(body).toEqual({ success: true, expired: { tags: 1, keys: 0 } });
	const stale = await app.get("/api/areas/buy");
	expect(stale.headers.get("Cache-Status")).toMatch(/ttl=-/);
	expect((await app.get("/api/areas/buy")).headers.get("Cache-Status")).toMatch(HIT);
});

test("warming is not offered where nothing is warmed, which is written down as nothing", async () => {
	const before = await lastEvent();
	const response = await app.tell("cache/warm", {});
	expect(response.status).toBe(501);
	expect((await bodyOf(response)).type).toBe("urn:retyn:problem:not-offered-here");
	expect(await lastEvent()).toEqual(before);
	expect((await app.tell("cache/warm", { valuations: -1 })).status).toBe(422);
});

describe("the audit", () => {
	test("tells who changed what and how that went, and so does the log", async () => {
		const from = logger.lines.length;
		await app.tell("cache/purge", { tags: ["model"] });
		const event = await lastEvent();
		expect(event).toEqual({
			id: expect.any(Number),
			at: expect.stringMatching(/Z$/),
			user: { id: expect.any(String), email: expect.stringMatching(/@example\.com$/) },
			request_id: expect.any(String),
			action: "cache.purge",
			subject: { tags: ["model"] },
			affected: { tags: 1, keys: 0 },
			outcome: "done",
		});
		const line = logger.lines.slice(from).find(({ message }) => message.startsWith("Cache changed"));
		expect(line).toMatchObject({
			level: "info",
			message: "Cache changed by an administrator",
			fields: { userId: event.user.id, action: "cache.purge", affected: { tags: 1, keys: 0 } },
		});
	});

	test("is read from the newest on, page by page", async () => {
		for (const tag of ["model", "names:sales", "names:rentals"])
			await app.tell("cache/expire", { tags: [tag] });
		const first = await bodyOf(app.ask("audit?limit=2"));
		expect(first.events.map((event: { subject: unknown }) => event.subject)).toEqual([
			{ tags: ["names:rentals"] },
			{ tags: ["names:sales"] },
		]);
		const second = await bodyOf(app.ask(`audit?limit=1&before=${first.next_before}`));
		expect(second.events[0].subject).toEqual({ tags: ["model"] });
		const last = await bodyOf(app.ask("audit?before=1"));
		expect(last).toMatchObject({ events: [], next_before: null });
	});

	test("of a user who is gone knows the id, and no e-mail", async () => {
		await app.tell("cache/purge", { policy: "areas" });
		const { user } = await lastEvent();
		await database.sql`delete from users where id = ${user.id}`;
		const other = await app.signUp("admin");
		const { events } = await bodyOf(app.get("/api/admin/audit?limit=1", other));
		expect(events[0].user).toEqual({ id: user.id, email: null });
	});

	test.each(["before=0", "before=x", "before=99999999999999999", "limit=0", "since=1"])(
		"refuses %s",
		async (query) => {
			expect((await app.ask(`audit?${query}`)).status).toBe(422);
		},
	);
});
