import { afterAll, beforeAll, expect, test } from "bun:test";
import { fillSample } from "../../db/sample.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let filled: { sales: number; rentals: number };
const said: string[] = [];

beforeAll(async () => {
	database = await createTestDatabase();
	// 2026-07-31 20:30 in Dubai.
	const clock = () => Date.UTC(2026, 6, 31, 16, 30);
	filled = await fillSample(database, { clock, onProgress: (text) => said.push(text) });
}, 60_000);

afterAll(() => database?.drop());

test("an empty database is filled with the whole made-up market, and no row is refused", async () => {
	expect(filled).toEqual({ sales: 25_000, rentals: 60_000 });
	const [rejected] = await database.sql`select count(*)::int as rows from rejected_rows`;
	expect(rejected?.["rows"]).toBe(0);
	expect(said).toHaveLength(2);
});

test("every row and every import run says that it is a sample", async () => {
	const [official] = await database.sql`select
		(select count(*)::int from sales where source <> 'sample' or master_project <> 'SAMPLE') as sales,
		(select count(*)::int from rentals where source <> 'sample' or master_project <> 'SAMPLE') as rentals`;
	expect({ ...official }).toEqual({ sales: 0, rentals: 0 });
	const runs = await database.sql`select file from import_runs`;
	expect(runs).toHaveLength(2);
	for (const run of runs) expect(run["file"]).toMatch(/^SAMPLE .* to 2026-07-31, seed \d+$/);
});

test("the importer sees through the sample's dirt", async () => {
	const reasons = await database.sql`select distinct non_market_reason as reason from sales
		where non_market_reason is not null order by 1`;
	expect(reasons.map((row) => row["reason"])).toEqual(["procedure", "part-share"]);
	const rentReasons = await database.sql`select distinct non_market_reason as reason from rentals
		where non_market_reason is not null`;
	expect(rentReasons.map((row) => row["reason"]).sort()).toEqual([
		"implausible-size",
		"multi-unit",
		"no-rent",
	]);
	const twins = await database.sql`select key from areas group by key having count(*) > 1`;
	expect(twins).toHaveLength(0);
});

test("communities are tied to their rental areas by the projects that both name", async () => {
	const links = await database.sql`select r.name, l.share from area_links l
		join areas s on s.id = l.sales_area_id join areas r on r.id = l.rental_area_id
		where s.key = 'jumeirah village circle' order by l.share desc`;
	expect(links[0]?.["name"]).toBe("Al Barsha South Fourth");
	expect(links[0]?.["share"]).toBeGreaterThan(0.9);
});
