import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import postgres from "postgres";
import { changesSince, type MarketChange, marketVersion } from "../../db/queries/market-changes.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";

let database: TestDatabase;
let market: SmallMarket;
let areas: SmallMarket["areaIds"];
beforeAll(async () => {
	database = await createTestDatabase();
	market = await seedSmallMarket(database.db);
	areas = market.areaIds;
});
afterAll(() => database.drop());

/** What is written down of what `work` commits. */
async function changesOf(work: () => Promise<unknown>): Promise<MarketChange[]> {
	const before = await marketVersion(database.db);
	await work();
	return changesSince(database.db, { version: before });
}

const areasOf = (changes: MarketChange[]) => changes.map(({ areaIds }) => areaIds);
const ascending = (...ids: number[]) => ids.toSorted((a, b) => a - b);

describe("a change of the market is written down with the areas it touches", () => {
	test("when rows are inserted, whoever inserts them", async () => {
		expect(areasOf(await changesOf(() => registerSale(database.sql, { areaId: areas.jvc })))).toEqual([
			[areas.jvc],
		]);
	});

	test("once, however many of its rows one statement changes", async () => {
		const changes = await changesOf(
			() => database.sql`update sales set usage = 'Residential' where area_id = ${areas.jvc}`,
		);
		expect(areasOf(changes)).toEqual([[areas.jvc]]);
	});

	test("when rows are updated: where they were and where they are now", async () => {
		const number = await registerSale(database.sql, { areaId: areas.jvc });
		const changes = await changesOf(
			() => database.sql`update sales set area_id = ${areas.mirdif} where number = ${number}`,
		);
		expect(areasOf(changes)).toEqual([ascending(areas.jvc, areas.mirdif)]);
	});

	test("when rows are deleted, and when none are touched nothing is", async () => {
		const number = await registerSale(database.sql, { areaId: areas.thin });
		const remove = () => database.sql`delete from sales where number = ${number}`;
		expect(areasOf(await changesOf(remove))).toEqual([[areas.thin]]);
		expect(await changesOf(remove)).toEqual([]);
		expect(await changesOf(() => database.sql`update rentals set units = 1 where false`)).toEqual([]);
	});

	test("when rental contracts change, and links, names and projects", async () => {
		const { sql } = database;
		expect(
			areasOf(await changesOf(() => sql`update rentals set units = 1 where area_id = ${areas.barshaSouth}`)),
		).toEqual([[areas.barshaSouth]]);
		expect(areasOf(await changesOf(() => sql`update area_links set share = 0.9`))).toEqual([
			ascending(areas.jvc, areas.barshaSouth),
		]);
		expect(
			areasOf(await changesOf(() => sql`update areas set aliases = '{mirdiff}' where id = ${areas.mirdif}`)),
		).toEqual([[areas.mirdif]]);
		expect(
			areasOf(
				await changesOf(() => sql`update projects set name = 'The Tower' where id = ${market.towerId}`),
			),
		).toEqual([[areas.businessBay]]);
	});

	test("by COPY too, and by a table that is emptied: then it is everything", async () => {
		const { sql } = database;
		const changes = await changesOf(async () => {
			const into =
				await sql`copy area_links (sales_area_id, rental_area_id, share, shared_projects) from stdin`.writable();
			into.end(`${areas.thin}\t${areas.mirdif}\t0.5\t2\n`);
			await new Promise((resolve, reject) => into.once("finish", resolve).once("error", reject));
		});
		expect(areasOf(changes)).toEqual([ascending(areas.thin, areas.mirdif)]);
		const emptied = await changesOf(() => sql`truncate area_links`);
		expect(emptied).toMatchObject([{ everything: true }]);
		await sql`insert into area_links (sales_area_id, rental_area_id, share, shared_projects)
			values (${areas.jvc}, ${areas.barshaSouth}, 1, 3)`;
	});

	test("once for each transaction, however many statements it has; not at all when it is rolled back", async () => {
		const changes = await changesOf(() =>
			database.sql.begin(async (sql) => {
				for (const areaId of [areas.jvc, areas.thin, areas.jvc, areas.mirdif])
					await registerSale(sql as never, { areaId });
				await sql
					.savepoint((inner) =>
						registerSale(inner as never, { areaId: areas.businessBay }).then(() =>
							Promise.reject(new Error("no")),
						),
					)
					.catch(() => {});
			}),
		);
		expect(areasOf(changes)).toEqual([ascending(areas.jvc, areas.thin, areas.mirdif)]);
		const none = await changesOf(() =>
			database.sql
				.begin(async (sql) => {
					await registerSale(sql as never, { areaId: areas.jvc });
					throw new Error("rolled back");
				})
				.catch(() => {}),
		);
		expect(none).toEqual([]);
	});

	test("by a role that may write sales and nothing else", async () => {
		const role = `clerk_${crypto.randomUUID().slice(0, 8)}`;
		const { sql } = database;
		await sql.unsafe(`create role ${role} login password 'clerk'; grant insert on sales to ${role}`);
		const url = new URL(database.url);
		url.username = role;
		url.password = "clerk";
		const clerk = postgres(url.href, { max: 1, onnotice: () => {} });
		try {
			expect(areasOf(await changesOf(() => registerSale(clerk, { areaId: areas.jvc })))).toEqual([
				[areas.jvc],
			]);
			await expect(clerk`select from market_changes`.execute()).rejects.toThrow("permission denied");
		} finally {
			await clerk.end();
			await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
		}
	});
});

describe("data versions", () => {
	test("come in the order of commits, not of changes: who has seen one has seen all before it", async () => {
		const before = await marketVersion(database.db);
		const first = await database.sql.reserve();
		const second = await database.sql.reserve();
		try {
			await first`begin`;
			await registerSale(first as never, { areaId: areas.jvc });
			await second`begin`;
			await registerSale(second as never, { areaId: areas.thin });
			await second`commit`;
			const seen = await changesSince(database.db, { version: before });
			expect(areasOf(seen)).toEqual([[areas.thin]]);
			await first`commit`;
			const since = await changesSince(database.db, { version: seen[0]?.version ?? 0 });
			expect(areasOf(since)).toEqual([[areas.jvc]]);
		} finally {
			first.release();
			second.release();
		}
	});

	test("of many writers at once are all different, and none is missed by a reader that looks all the time", async () => {
		const writer = postgres(database.url, { max: 8, onnotice: () => {} });
		const before = await marketVersion(database.db);
		const found: number[] = [];
		let version = before;
		let writing = true;
		const read = async () => {
			for (const change of await changesSince(database.db, { version })) {
				found.push(change.version);
				version = change.version;
			}
		};
		const reading = (async () => {
			while (writing) await read();
			await read();
		})();
		const ids = Object.values(areas);
		await Promise.all(
			Array.from({ length: 120 }, (_, index) =>
				registerSale(writer, { areaId: ids[index % ids.length] ?? 0 }),
			),
		);
		writing = false;
		await reading;
		await writer.end();
		const all = await changesSince(database.db, { version: before });
		expect(all).toHaveLength(120);
		expect(found).toEqual(all.map((change) => change.version));
	});

	test("are announced as numbers, also of a change of more areas than an announcement could name", async () => {
		const heard: string[] = [];
		const { unlisten } = await database.sql.listen("retyn_market", (text) => void heard.push(text));
		try {
			const [change] = await changesOf(() =>
				database.sql.begin(async (sql) => {
					await sql`insert into areas (name, key) select 'Plain ' || n, 'plain ' || n from generate_series(1, 3000) n`;
					await sql`insert into sales ("group", number, registered_at, procedure, area_id, property_class, property_type,
							development_status, price, size_sqm, arms_length, source, import_run_id)
						select 'sale', '11-2026-plain' || id, '2026-07-31 10:00:00', 'Sale', id, 'unit', 'Flat', 'Ready', 1e6, 70, true,
							'website', 0 from areas where key like 'plain %'`;
				}),
			);
			expect(change?.areaIds).toHaveLength(3_000);
			await eventually(() => heard.at(-1) === String(change?.version));
			expect(Math.max(...heard.map((text) => text.length))).toBeLessThan(20);
		} finally {
			await unlisten();
		}
	});
});
