import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { areas, importRuns, sales } from "../../db/schema/index.ts";
import type { DirectoryKeeper } from "../../src/areas/directory.ts";
import { type CacheStore, createMemoryStore, PurgePending } from "../../src/cache/index.ts";
import { followMarket } from "../../src/follow-market.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type SmallMarket, seedSmallMarket } from "../support/market.ts";

const BAY = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };
const JVC = { property_type: "Flat", area: "JVC", size_sqm: 40 };

let database: TestDatabase;
let market: SmallMarket;
let api: TestApp;
let follower: ReturnType<typeof followMarket>;
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
	api = await createTestApp({ database });
	follower = followMarket({
		database,
		cache: api.app.cache,
		directory: api.app.directory,
		logger: silentLogger,
	});
	await follower.following;
});
afterAll(async () => {
	await follower.stop();
	await database.drop();
});

/** What an import leaves behind when it commits. */
async function importChanged(values: Partial<typeof importRuns.$inferInsert>): Promise<void> {
	await database.db.transaction(async (tx) => {
		const [run] = await tx
			.insert(importRuns)
			.values({ file: "more.csv", status: "loaded", ...values })
			.returning();
		await tx.execute(sql`select pg_notify('retyn_market', ${String(run?.id)})`);
	});
}

const isHit = (response: Response) => response.headers.get("Cache-Status")?.includes(";hit") ?? false;

test("an import makes the answers about the areas it touched new, and leaves the others stored", async () => {
	await eventually(async () => isHit(await api.value(BAY)));
	await eventually(async () => isHit(await api.value(JVC)));
	await importChanged({ touchedAreaIds: [market.areaIds.jvc] });
	await eventually(async () => !isHit(await api.value(JVC)));
	expect(isHit(await api.value(BAY))).toBe(true);
});

test("an area that an import brings appears in the list and can be valued at once", async () => {
	await eventually(async () => isHit(await api.get("/api/areas/buy")));
	expect((await api.value({ ...BAY, area: "Brand New" })).status).toBe(422);
	const [area] = await database.db.insert(areas).values({ name: "Brand New", key: "brand new" }).returning();
	const [row] = await database.db.select().from(sales).limit(1);
	if (!area || !row) throw new Error("the market is empty");
	const { id: _, ...values } = row;
	await database.db.insert(sales).values(
		Array.from({ length: 6 }, (_, index) => ({
			...values,
			number: `11-2026-new${index}`,
			areaId: area.id,
		})),
	);
	await importChanged({ touchedAreaIds: [area.id], salesNamesChanged: true });
	await eventually(async () => {
		expect(await (await api.get("/api/areas/buy")).json()).toContain("Brand New");
	});
	expect((await api.value({ ...BAY, size_sqm: Number(values.sizeSqm), area: "Brand New" })).status).toBe(200);
});

/** An application of its own whose store fails to purge until `failures` are used up, and how often it was asked to. */
async function startFailing(failures: number, failure: () => Error) {
	const memory = createMemoryStore({ clock: api.clock, maxBytes: 1024 * 1024 });
	const { coordination } = memory;
	if (!coordination) throw new Error("the store declares no coordination");
	const asked = { times: 0 };
	const store: CacheStore = {
		...memory,
		coordination: {
			...coordination,
			async invalidate(tags, how) {
				asked.times += 1;
				if (asked.times <= failures) throw failure();
				await coordination.invalidate(tags, how);
			},
		},
	};
	const other = await createTestApp({ database, clock: api.clock, store });
	const { cache, directory } = other.app;
	const follower = followMarket({ database, cache, directory, logger: silentLogger, retryMs: 5 });
	await follower.following;
	return { other, follower, asked };
}

test("what could not be forgotten at first is tried again until it is", async () => {
	const { other, follower, asked } = await startFailing(3, () => new Error("out of reach"));
	await other.value(BAY);
	await importChanged({ touchedAreaIds: [market.areaIds.businessBay] });
	await eventually(async () => !isHit(await other.value(BAY)));
	expect(asked.times).toBe(4);
	await follower.stop();
});

test("43: a purge that the cache has written down is left to it, and the next import is heard of", async () => {
	const { other, follower, asked } = await startFailing(1, () => new PurgePending(1));
	await other.value(BAY);
	await importChanged({ touchedAreaIds: [market.areaIds.businessBay] });
	await eventually(() => asked.times === 1);
	await importChanged({ touchedAreaIds: [market.areaIds.businessBay] });
	await eventually(async () => !isHit(await other.value(BAY)));
	expect(asked.times).toBe(2);
	await follower.stop();
});

test("nothing is purged before the names were read again, so that no answer is made of those of before", async () => {
	const clock = api.clock;
	const other = await createTestApp({ database, clock });
	const { cache, directory } = other.app;
	await directory.current();
	let failures = 2;
	const hesitant: DirectoryKeeper = {
		current: directory.current,
		whenSoonKnown: directory.whenSoonKnown,
		known: undefined,
		async refresh() {
			if (following && failures-- > 0) throw new Error("out of reach");
			await directory.refresh();
		},
	};
	let following = false;
	const follower = followMarket({ database, cache, directory: hesitant, logger: silentLogger, retryMs: 5 });
	await follower.following;
	following = true;
	await other.value(BAY);
	await importChanged({ touchedAreaIds: [market.areaIds.businessBay] });
	await eventually(async () => !isHit(await other.value(BAY)));
	expect(failures).toBeLessThan(0);
	await follower.stop();
});

test("what was missed while the connection was cut is made up for", async () => {
	await eventually(async () => isHit(await api.value(BAY)));
	await database.db.insert(importRuns).values({
		file: "unheard.csv",
		status: "loaded",
		touchedAreaIds: [market.areaIds.businessBay],
	});
	expect(isHit(await api.value(BAY))).toBe(true);
	await database.sql`
		select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and query ilike 'listen%'`;
	await eventually(async () => !isHit(await api.value(BAY)));
});
