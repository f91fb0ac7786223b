import { describe, expect, test } from "bun:test";
import { importFile } from "../../db/import/index.ts";
import { NICKNAMES } from "../../db/import/nicknames.ts";
import { nameKey } from "../../src/lib/name-key.ts";
import { csv, rent, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();
let serial = 0;
const soldIn = (area: string, project = "", times = 1) =>
	Array.from({ length: times }, () =>
		sale({ TRANSACTION_NUMBER: `11-${++serial}-2031`, AREA_EN: area, PROJECT_EN: project }),
	);
const letIn = (area: string, project = "") => rent({ AREA_EN: area, PROJECT_EN: project });

const names = async () =>
	(await market.database.sql`select name from areas order by key`).map((row) => row["name"]);
const links = async () =>
	(
		await market.database
			.sql`select s.name as sales, r.name as rental, round(l.share::numeric, 3)::float8 as share,
			l.shared_projects as projects, l.source from area_links l join areas s on s.id = l.sales_area_id
			join areas r on r.id = l.rental_area_id order by s.key, l.share desc`
	).map((row) => ({ ...row }));

describe("one row per place", () => {
	test("case twins and stray spaces are one area, spelled in mixed case", async () => {
		await market.load([...soldIn("DUNE PARK", "", 3), ...soldIn("Dune  Park ")]);
		expect(await names()).toEqual(["Dune Park"]);
	});

	test("a mixed-case spelling that comes later replaces capitals, but not the other way round", async () => {
		await market.load(soldIn("DUNE PARK"));
		await market.load([letIn("Dune Park")]);
		expect(await names()).toEqual(["Dune Park"]);
		await market.load(soldIn("DUNE PARK"));
		expect(await names()).toEqual(["Dune Park"]);
	});

	test("projects are told apart by area and folded name", async () => {
		await market.load([
			...soldIn("Dune Park", "Heron Court"),
			...soldIn("Dune Park", "HERON\r\nCOURT "),
			...soldIn("Sandgrouse Quarter", "Heron Court"),
		]);
		const projects = await market.database.sql`select count(*)::int as n from projects`;
		expect(projects[0]?.["n"]).toBe(2);
	});
});

describe("nicknames", () => {
	test("are given to areas that exist, unless an area goes by that name itself", async () => {
		await market.load([...soldIn("JUMEIRAH VILLAGE CIRCLE"), ...soldIn("DUBAI MARINA"), ...soldIn("Marina")]);
		const rows = await market.database.sql`select key, aliases from areas order by key`;
		expect(Object.fromEntries(rows.map((row) => [row["key"], row["aliases"]]))).toEqual({
			"dubai marina": [],
			"jumeirah village circle": ["jvc"],
			marina: [],
		});
	});

	test("are taken back when an area of that name comes later, also from the only one that an area had", async () => {
		await market.load(soldIn("JUMEIRAH VILLAGE CIRCLE"));
		const summary = await market.load(soldIn("JVC"));
		const rows = await market.database.sql`select key, aliases from areas order by key`;
		expect(Object.fromEntries(rows.map((row) => [row["key"], row["aliases"]]))).toEqual({
			"jumeirah village circle": [],
			jvc: [],
		});
		expect(summary.touchedAreaIds).toHaveLength(2);
	});

	test("are folded, and each means one area only", () => {
		const aliases = Object.values(NICKNAMES).flat();
		expect(new Set(aliases).size).toBe(aliases.length);
		for (const name of [...aliases, ...Object.keys(NICKNAMES)]) expect(name).toBe(nameKey(name));
		for (const alias of aliases) expect(Object.keys(NICKNAMES)).not.toContain(alias);
	});
});

describe("links from sales areas to rental areas", () => {
	test("are derived from shared projects, without weak ones and areas of one name on both sides", async () => {
		await market.load([
			...soldIn("Dune Park", "Heron Court", 8),
			...soldIn("Dune Park", "Palm Row", 3),
			...soldIn("Dune Park", "Common Name", 1),
			...soldIn("Both Sides", "Palm Row", 5),
		]);
		const summary = await market.load([
			letIn("Wadi Heron Third", "HERON COURT"),
			letIn("Wadi Heron Fourth", "Palm Row"),
			letIn("Far Away", "Common Name"),
			letIn("Both Sides"),
		]);
		expect(await links()).toEqual([
			{ sales: "Dune Park", rental: "Wadi Heron Third", share: 0.667, projects: 1, source: "derived" },
			{ sales: "Dune Park", rental: "Wadi Heron Fourth", share: 0.25, projects: 1, source: "derived" },
		]);
		const dunePark = await market.database.sql`select id from areas where key = 'dune park'`;
		expect(summary.touchedAreaIds).toContain(dunePark[0]?.["id"]);
		const later = await market.load(soldIn("Dune Park", "Heron Court", 8));
		const touched = await market.database.sql`select name from areas
			where id = any(${later.touchedAreaIds}::int[]) order by key`;
		expect(touched.map((row) => row["name"])).toEqual(["Dune Park", "Wadi Heron Fourth", "Wadi Heron Third"]);
	});

	test("a crosswalk file wins over derived ones, also after later imports, and loads once", async () => {
		await market.load(soldIn("Dune Park", "Heron Court", 2));
		await market.load([letIn("Wadi Heron Third", "Heron Court")]);
		const crosswalk = await market.fixtures.file(
			"sales_area,rents_area,shared_projects,sales_rows_in_shared_projects,share_of_rows\n" +
				"DUNE PARK,Wadi Heron Fifth,4,90,0.9\nDUNE PARK,Elsewhere,1,5,0.05\nBoth Sides,Both Sides,1,1,1.0\n",
		);
		expect(await importFile(market.database, crosswalk)).toMatchObject({
			format: "area-crosswalk",
			read: 3,
			loaded: 1,
		});
		const given = [
			{ sales: "Dune Park", rental: "Wadi Heron Fifth", share: 0.9, projects: 4, source: "crosswalk" },
		];
		expect(await links()).toEqual(given);
		expect(await names()).toEqual(["Dune Park", "Wadi Heron Fifth", "Wadi Heron Third"]);
		await market.load(soldIn("Dune Park", "Heron Court", 2));
		expect(await links()).toEqual(given);
		expect(await importFile(market.database, crosswalk)).toMatchObject({
			loaded: 0,
			updated: 0,
			touchedAreaIds: [],
		});
	});

	test("a share or count that is none is a rejected row", async () => {
		const link = { SALES_AREA: "Dune Park", RENTS_AREA: "Wadi Heron Third", SHARE_OF_ROWS: "0.5" };
		const rows = [
			{ ...link, SHARED_PROJECTS: "1", SHARE_OF_ROWS: "1e-60" },
			{ ...link, SHARED_PROJECTS: "3000000000" },
			{ SALES_AREA: "Dune Park", RENTS_AREA: "Wadi Heron Third", SHARED_PROJECTS: "1", SHARE_OF_ROWS: "1.2" },
			{ SALES_AREA: "Dune Park", RENTS_AREA: "Wadi Heron Third", SHARED_PROJECTS: "1", SHARE_OF_ROWS: "0.5" },
		];
		const path = await market.fixtures.file(csv(rows));
		expect(await importFile(market.database, path)).toMatchObject({
			loaded: 1,
			rejected: { "bad-share": 2, "bad-projects": 1 },
		});
	});
});
