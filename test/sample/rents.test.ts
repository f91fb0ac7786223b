import { describe, expect, test } from "bun:test";
import { RENTS_IN_ALL, sampleRents } from "../../db/sample/rents.ts";
import { SAMPLE_MARK, sampleSales } from "../../db/sample/sales.ts";
import { SAMPLE_SEED } from "../../db/sample.ts";
import { nameKey } from "../../src/lib/name-key.ts";

const options = { seed: SAMPLE_SEED, endDay: "2026-07-31" };
const rents = [...sampleRents(options)];

type Rent = (typeof rents)[number];
const flats = rents.filter((rent) => rent["PROP_SUB_TYPE_EN"] === "Flat");
const share = (test: (rent: Rent) => boolean, among: Rent[] = rents) =>
	among.filter(test).length / among.length;
const values = (column: string) => new Set(rents.map((rent) => rent[column] ?? ""));
const perSqm = (rent: Rent) => Number(rent["ANNUAL_AMOUNT"]) / Number(rent["ACTUAL_AREA"]);
const middle = (among: Rent[]) => among.map(perSqm).sort((a, b) => a - b)[among.length >> 1] ?? Number.NaN;

function expectBetween(value: number, low: number, high: number): void {
	expect(value).toBeGreaterThanOrEqual(low);
	expect(value).toBeLessThanOrEqual(high);
}

describe("the made-up rental contracts", () => {
	test("are 60,000 in the official columns, in the order of registration, each marked as a sample", () => {
		expect(rents).toHaveLength(RENTS_IN_ALL);
		expect(Object.keys(rents[0] ?? {})).toEqual(
			(
				"REGISTRATION_DATE START_DATE END_DATE VERSION_EN AREA_EN CONTRACT_AMOUNT ANNUAL_AMOUNT IS_FREE_HOLD_EN " +
				"ACTUAL_AREA PROP_TYPE_EN PROP_SUB_TYPE_EN ROOMS USAGE_EN NEAREST_METRO_EN NEAREST_MALL_EN " +
				"NEAREST_LANDMARK_EN PARKING TOTAL_PROPERTIES MASTER_PROJECT_EN PROJECT_EN"
			).split(" "),
		);
		const registered = rents.map((rent) => rent["REGISTRATION_DATE"] ?? "");
		expect(registered).toEqual([...registered].sort());
		expect(registered[0]).toStartWith("2026-01-0");
		expect(registered.at(-1)).toStartWith("2026-07-3");
		expect(values("MASTER_PROJECT_EN")).toEqual(new Set([SAMPLE_MARK]));
	});

	test("renew old contracts below what new ones in the same area cost", () => {
		expectBetween(
			share((rent) => rent["VERSION_EN"] === "Renewed"),
			0.5,
			0.62,
		);
		for (const area of ["Al Barsha South Fourth", "Business Bay", "Marsa Dubai", "Al Karama"]) {
			const here = flats.filter((rent) => rent["AREA_EN"] === area);
			const of = (version: string) => middle(here.filter((rent) => rent["VERSION_EN"] === version));
			expectBetween(of("Renewed") / of("New"), 0.78, 0.95);
		}
	});

	test("let homes and business premises, with rooms hardly ever stated", () => {
		const shareOf = (subType: string) => share((rent) => rent["PROP_SUB_TYPE_EN"] === subType);
		expectBetween(shareOf("Flat"), 0.6, 0.68);
		expectBetween(shareOf("Studio "), 0.004, 0.012);
		expectBetween(shareOf("Villa"), 0.05, 0.08);
		expectBetween(shareOf("Office"), 0.13, 0.19);
		expectBetween(shareOf("Shop"), 0.06, 0.09);
		expectBetween(
			share((rent) => rent["ROOMS"] === ""),
			0.94,
			0.98,
		);
		expect(flats.every((rent) => rent["ROOMS"] === "")).toBeTrue();
	});

	test("hold the register's impossible sizes and contracts over many units", () => {
		expectBetween(
			share((rent) => rent["ACTUAL_AREA"] === "1.00", flats),
			0.012,
			0.022,
		);
		expect(rents.filter((rent) => Number(rent["ACTUAL_AREA"]) > 1_000_000)).toHaveLength(1);
		expectBetween(
			share((rent) => Number(rent["ANNUAL_AMOUNT"]) > 500_000, flats),
			0.002,
			0.01,
		);
		expectBetween(
			share((rent) => rent["ANNUAL_AMOUNT"] !== rent["CONTRACT_AMOUNT"]),
			0.03,
			0.1,
		);
	});

	test("repeat contracts of which only the registration's time differs", () => {
		const seen = new Set(rents.map(({ REGISTRATION_DATE: _, ...rest }) => JSON.stringify(rest)));
		expectBetween(1 - seen.size / rents.length, 0.06, 0.13);
	});

	test("name areas as the land register does, so that only shared projects tie them to the sales' communities", () => {
		const areas = values("AREA_EN");
		expect(areas.size).toBeGreaterThanOrEqual(70);
		expect(areas).toContain("Al Barsha South Fourth");
		expect(areas).not.toContain("JUMEIRAH VILLAGE CIRCLE");
		const communities = new Map<string, Set<string>>();
		for (const sale of sampleSales(options)) {
			const project = nameKey(sale["PROJECT_EN"] ?? "");
			if (project === "") continue;
			const known = communities.get(project) ?? new Set();
			communities.set(project, known.add(nameKey(sale["AREA_EN"] ?? "")));
		}
		const shared = rents.filter((rent) => communities.has(nameKey(rent["PROJECT_EN"] ?? "")));
		expect(new Set(shared.map((rent) => nameKey(rent["PROJECT_EN"] ?? ""))).size).toBeGreaterThan(200);
		const inCircle = shared.filter((rent) =>
			communities.get(nameKey(rent["PROJECT_EN"] ?? ""))?.has("jumeirah village circle"),
		);
		expect(share((rent) => rent["AREA_EN"] === "Al Barsha South Fourth", inCircle)).toBeGreaterThan(0.9);
	});
});
