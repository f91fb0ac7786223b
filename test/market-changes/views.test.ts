import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { refreshViews } from "../../db/market-views.ts";
import { changesSince, marketVersion } from "../../db/queries/market-changes.ts";
import { listAreaNames, listPropertyTypes } from "../../db/queries/names.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let areas: SmallMarket["areaIds"];
beforeAll(async () => {
	database = await createTestDatabase();
	areas = (await seedSmallMarket(database.db)).areaIds;
	await refreshViews(database);
});
afterAll(() => database.drop());

const types = () => listPropertyTypes(database.db, { of: "sales" });
const places = () => listAreaNames(database.db, { of: "sales" });

async function since<T>(work: () => Promise<T>) {
	const version = await marketVersion(database.db);
	const result = await work();
	return { result, changes: await changesSince(database.db, { version }) };
}

describe("the views over the market", () => {
	test("take up what changed, and say which areas and which lists are others now", async () => {
		await registerSale(database.sql, { areaId: areas.jvc, propertyType: "Hotel Apartment" });
		await registerSale(database.sql, { areaId: areas.mirdif });
		expect(await types()).not.toContain("Hotel Apartment");
		const { result, changes } = await since(() => refreshViews(database));
		expect(result).toMatchObject({ did: "refresh", areas: 2 });
		expect(await types()).toContain("Hotel Apartment");
		expect(changes).toMatchObject([
			{
				ofViews: true,
				everything: false,
				areaIds: [areas.jvc, areas.mirdif].toSorted((a, b) => a - b),
				salesNamesChanged: true,
				rentalNamesChanged: false,
			},
		]);
	});

	test("are left alone when nothing changed, and then no version is made", async () => {
		const { result, changes } = await since(() => refreshViews(database));
		expect(result).toEqual({ did: "nothing", why: "up-to-date" });
		expect(changes).toEqual([]);
	});

	test("are made anew unasked when they are old: somebody may have switched the triggers off", async () => {
		await database.sql.begin(async (sql) => {
			await sql`set local session_replication_role = replica`;
			await registerSale(sql as never, { areaId: areas.thin, propertyType: "Castle" });
		});
		expect(await refreshViews(database)).toMatchObject({ did: "nothing" });
		expect(await refreshViews(database, { ifOlderThanMs: 60_000 })).toMatchObject({ did: "nothing" });
		expect(await refreshViews(database, { ifOlderThanMs: 0 })).toMatchObject({ did: "refresh" });
		expect(await types()).toContain("Castle");
	});

	test("are refreshed by one at a time: the others are told that it is busy, or wait", async () => {
		const holder = await database.sql.reserve();
		try {
			await registerSale(database.sql, { areaId: areas.thin });
			await holder`begin`;
			await holder`select pg_advisory_xact_lock(7203118)`;
			expect(await refreshViews(database)).toEqual({ did: "nothing", why: "busy" });
			const waiting = refreshViews(database, { wait: true });
			await holder`commit`;
			expect(await waiting).toMatchObject({ did: "refresh", areas: 1 });
		} finally {
			holder.release();
		}
	});

	test("are never empty: whoever reads them while they are made anew finds what was there before", async () => {
		const before = await types();
		const held = await database.sql.reserve();
		try {
			await registerSale(database.sql, { areaId: areas.thin, propertyType: "Warehouse" });
			await held`begin`;
			// Written last: who holds it stops the refresh when the views are made, and not committed.
			await held`select from market_state for update`;
			const refreshing = refreshViews(database);
			await eventually(async () => {
				const [row] = await database.sql`select count(*)::int as n from pg_locks l
					join pg_database d on d.oid = l.database
					where d.datname = current_database() and l.relation = 'market_months'::regclass
						and l.mode = 'ExclusiveLock' and l.granted
						and exists (select from pg_locks other where other.pid = l.pid and not other.granted)`;
				return row?.["n"] === 1;
			});
			expect(await types()).toEqual(before);
			expect((await places()).length).toBeGreaterThan(3);
			await held`commit`;
			await refreshing;
		} finally {
			held.release();
		}
		expect(await types()).toContain("Warehouse");
	});

	test("after a table was emptied say that it is everything", async () => {
		await database.sql`truncate area_links`;
		const { changes } = await since(() => refreshViews(database));
		expect(changes).toMatchObject([{ ofViews: true, everything: true }]);
	});

	test("clear away changes of more than a week ago, and say up to where", async () => {
		await registerSale(database.sql, { areaId: areas.jvc });
		const version = await marketVersion(database.db);
		await refreshViews(database);
		await database.sql`update market_changes set at = now() - interval '8 days' where version <= ${version}`;
		await registerSale(database.sql, { areaId: areas.jvc });
		await refreshViews(database);
		const [state] = await database.sql`select cleared_version from market_state`;
		expect(Number(state?.["cleared_version"])).toBe(version);
		const left = await changesSince(database.db, { version: 0 });
		expect(Math.min(...left.map((change) => change.version))).toBeGreaterThan(version);
	});
});
