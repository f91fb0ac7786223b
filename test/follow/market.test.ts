import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { marketVersion } from "../../db/queries/market-changes.ts";
import { areas } from "../../db/schema/index.ts";
import type { DirectoryKeeper } from "../../src/areas/directory.ts";
import { type CacheStore, createMemoryStore, PurgePending } from "../../src/cache/index.ts";
import { type FollowMarketDeps, followMarket } from "../../src/follow/market.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";

const BAY = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };
const JVC = { property_type: "Flat", area: "JVC", size_sqm: 40 };

let database: TestDatabase;
let market: SmallMarket;
/** A program that knows nothing of us but the tables. */
let registrar: Sql;
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
	registrar = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
	await registrar.end();
	await database.drop();
});

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const stop of stopping.splice(0)) await stop();
});

type Options = Partial<FollowMarketDeps> & Pick<Partial<Parameters<typeof createTestApp>[0]>, "clock">;

/** An application that follows the market, over a store of its own unless it is given one. */
async function start({ store, clock, ...options }: Options = {}): Promise<TestApp> {
	const api = await createTestApp({ database, ...(store && { store }), ...(clock && { clock }) });
	const { cache, directory } = api.app;
	const follower = followMarket({
		database,
		cache,
		directory,
		store: api.store,
		logger: silentLogger,
		retryMs: 5,
		...options,
	});
	stopping.push(() => follower.stop());
	await follower.following;
	return api;
}

const isHit = (response: Response) => response.headers.get("Cache-Status")?.includes(";hit") ?? false;
const untilStored = (api: TestApp, body: object) => eventually(async () => isHit(await api.value(body)));
const untilForgotten = (api: TestApp, body: object) => eventually(async () => !isHit(await api.value(body)));

test("a sale that another program registers makes the answers about its area new, and leaves the others stored", async () => {
	const api = await start();
	await untilStored(api, BAY);
	await untilStored(api, JVC);
	await registerSale(registrar, { areaId: market.areaIds.jvc });
	await untilForgotten(api, JVC);
	expect(isHit(await api.value(BAY))).toBe(true);
});

test("an area that is new appears in no list before the views have it, and can be valued at once", async () => {
	const api = await start();
	await eventually(async () => isHit(await api.get("/api/areas/buy")));
	expect((await api.value({ ...BAY, area: "Brand New" })).status).toBe(422);
	const [area] = await database.db.insert(areas).values({ name: "Brand New", key: "brand new" }).returning();
	for (let index = 0; index < 6; index += 1) await registerSale(registrar, { areaId: area?.id ?? 0 });
	await eventually(async () => (await api.value({ ...BAY, area: "Brand New" })).status === 200);
	expect(isHit(await api.get("/api/areas/buy"))).toBe(true);
});

/** A store that refuses to purge as long as `refusing` says with what, and how often it refused. */
function refusingStore(clock: TestApp["clock"]) {
	const memory = createMemoryStore({ clock, maxBytes: 1024 * 1024 });
	const { coordination } = memory;
	if (!coordination) throw new Error("the store declares no coordination");
	const state: { refusing?: (() => Error) | undefined; refused: number } = { refused: 0 };
	const store: CacheStore = {
		...memory,
		coordination: {
			...coordination,
			async invalidate(tags, how) {
				if (state.refusing) {
					state.refused += 1;
					throw state.refusing();
				}
				await coordination.invalidate(tags, how);
			},
		},
	};
	return { store, state };
}

test("what could not be forgotten at first is tried again until it is", async () => {
	const { clock } = await createTestApp({ database });
	const { store, state } = refusingStore(clock);
	const api = await start({ store, clock });
	await untilStored(api, BAY);
	state.refusing = () => new Error("out of reach");
	await registerSale(registrar, { areaId: market.areaIds.businessBay });
	await eventually(() => state.refused >= 3);
	state.refusing = undefined;
	await untilForgotten(api, BAY);
});

test("43: a purge that the cache has written down is made again at the next look, and until then counts as not made", async () => {
	const { clock } = await createTestApp({ database });
	const { store, state } = refusingStore(clock);
	const api = await start({ store, clock, lookEveryMs: 20 });
	const note = async () => new TextDecoder().decode((await store.get("state:purged-through"))?.value);
	const before = await note();
	expect(before).toEndWith(` ${await marketVersion(database.db)}`);
	await untilStored(api, BAY);
	state.refusing = () => new PurgePending(1);
	await registerSale(registrar, { areaId: market.areaIds.businessBay });
	await eventually(() => state.refused >= 3);
	expect(await note()).toBe(before);
	state.refusing = undefined;
	await eventually(async () => {
		expect(await note()).toEndWith(` ${await marketVersion(database.db)}`);
	});
});

test("nothing is purged before the names were read again, so that no answer is made of those of before", async () => {
	const { clock, app } = await createTestApp({ database });
	const names = { mayBeRead: true, failures: 0 };
	const { directory } = app;
	const hesitant: DirectoryKeeper = {
		current: directory.current,
		whenSoonKnown: directory.whenSoonKnown,
		known: undefined,
		async refresh() {
			if (!names.mayBeRead) {
				names.failures += 1;
				throw new Error("out of reach");
			}
			await directory.refresh();
		},
	};
	const api = await start({ clock, directory: hesitant });
	await untilStored(api, BAY);
	names.mayBeRead = false;
	await registerSale(registrar, { areaId: market.areaIds.businessBay });
	await eventually(() => names.failures > 2);
	expect(isHit(await api.value(BAY))).toBe(true);
	names.mayBeRead = true;
	await untilForgotten(api, BAY);
});

test("what is worked out by names older than the sales is given to whoever asked, and never stored", async () => {
	const api = await createTestApp({ database });
	await api.value(JVC);
	await registerSale(registrar, { areaId: market.areaIds.businessBay });
	for (let time = 0; time < 2; time += 1) {
		const answer = await api.value(BAY);
		expect(answer.status).toBe(200);
		expect(answer.headers.get("Cache-Status")).not.toContain("stored");
		expect(isHit(answer)).toBe(false);
	}
	expect((await api.get("/api/areas/rent")).headers.get("Cache-Status")).not.toContain("stored");
	await api.app.directory.refresh();
	await untilStored(api, BAY);
});

test("what was missed while the connection was cut is made up for when it is back", async () => {
	const api = await start({ lookEveryMs: 60_000 });
	await untilStored(api, BAY);
	await database.sql.begin(async (sql) => {
		await sql`set local session_replication_role = replica`;
		// Nobody is told, as if the announcement had been lost.
		await sql`insert into market_changes (version, "transaction", area_ids)
			values (nextval('market_version'), pg_current_xact_id(), ${[market.areaIds.businessBay]})`;
	});
	expect(isHit(await api.value(BAY))).toBe(true);
	await database.sql`
		select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and query ilike 'listen%'`;
	await untilForgotten(api, BAY);
});

test("where announcements are never heard, a look every few seconds finds the change", async () => {
	const deaf = {
		...database,
		sql: Object.assign(() => {}, { listen: async () => ({ unlisten: async () => {} }) }),
	};
	const api = await start({ database: deaf as never, lookEveryMs: 20 });
	await untilStored(api, BAY);
	await registerSale(registrar, { areaId: market.areaIds.businessBay });
	await untilForgotten(api, BAY);
});

test("what changed while no server ran is forgotten at the next start, and nothing else", async () => {
	const first = await start();
	await untilStored(first, BAY);
	await untilStored(first, JVC);
	for (const stop of stopping.splice(0)) await stop();
	await registerSale(registrar, { areaId: market.areaIds.jvc });
	const second = await start({ store: first.store, clock: first.clock });
	expect(isHit(await second.value(JVC))).toBe(false);
	expect(isHit(await second.value(BAY))).toBe(true);
});

test.each(["", "another-database 1", "nonsense"])(
	"a store that was purged up to nobody knows where (%p) is emptied at the start",
	async (note) => {
		const first = await start();
		await untilStored(first, BAY);
		for (const stop of stopping.splice(0)) await stop();
		await first.store.set("state:purged-through", new TextEncoder().encode(note), 60_000);
		const second = await start({ store: first.store, clock: first.clock });
		expect(isHit(await second.value(BAY))).toBe(false);
	},
);

test("a database that was put back to an earlier state makes everything be forgotten", async () => {
	const api = await start({ lookEveryMs: 20 });
	await untilStored(api, BAY);
	await database.sql`delete from market_changes where version = (select max(version) from market_changes)`;
	await untilForgotten(api, BAY);
});

test("an emptied table makes everything be forgotten", async () => {
	const api = await start();
	await untilStored(api, JVC);
	await registrar`truncate area_links`;
	await untilForgotten(api, JVC);
});
