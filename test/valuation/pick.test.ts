import { describe, expect, test } from "bun:test";
import { pickComparables, REACH } from "../../src/valuation/pick.ts";
import { madeSale, TODAY } from "./made-sales.ts";

const SUBJECT = { day: TODAY, logSize: Math.log(100) };
const many = (count: number, ago: number, given = {}) =>
	Array.from({ length: count }, () => madeSale(10_000, ago, given));
const ofArea = (...area: ReturnType<typeof madeSale>[]) =>
	pickComparables(SUBJECT, { project: [], area }).area.map(({ id }) => id);

describe("the sales that are picked", () => {
	test("are of the year before the day and never of the day itself or later", () => {
		const [old, edge, yesterday, today, later] = [366, 365, 1, 0, -1].map((ago) => madeSale(10_000, ago));
		if (!old || !edge || !yesterday || !today || !later) throw new Error("made");
		expect(ofArea(old, edge, yesterday, today, later)).toEqual([yesterday.id, edge.id]);
	});

	test("are of about the size: wider in a project than in an area", () => {
		const sales = [55, 61, 81, 100, 121, 160, 170].map((sizeSqm) => madeSale(10_000, 5, { sizeSqm }));
		const sizes = (list: readonly { sizeSqm: number }[]) =>
			list.map(({ sizeSqm }) => sizeSqm).sort((a, b) => a - b);
		const { project, area } = pickComparables(SUBJECT, { project: sales, area: sales });
		expect(sizes(project)).toEqual([61, 81, 100, 121, 160]);
		expect(sizes(area)).toEqual([100, 121]);
	});

	test("are the latest where there are many, and more of those of the very size", () => {
		const older = many(300, 50);
		const latest = many(150, 5, { sizeSqm: 105 });
		const picked = pickComparables(SUBJECT, { project: [], area: [...older, ...latest] }).area;
		expect(picked.filter(({ sizeSqm }) => sizeSqm === 105)).toHaveLength(150);
		expect(picked.filter(({ sizeSqm }) => sizeSqm === 100)).toHaveLength(80);
	});

	test("lie within reach, however many there are", () => {
		const beyond = many(10, 50);
		const within = many(REACH.area, 5, { sizeSqm: 200 });
		expect(ofArea(...beyond, ...within)).toEqual([]);
		expect(ofArea(...beyond, ...within.slice(10))).toHaveLength(10);
	});
});
