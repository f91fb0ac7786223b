import { describe, expect, test } from "bun:test";
import { formatMarkdown, formatText } from "../../src/ratio-study/format.ts";
import { ratioStudy } from "../../src/ratio-study/study.ts";
import { constant, floors, JULY, sale } from "./support.ts";

/** 45 homes at a million, but for one day and area with a name that Markdown would stumble over. */
const report = ratioStudy({
	sales: Array.from({ length: 45 }, (_, id) =>
		sale({ id, day: JULY + (id < 5 ? 0 : 1), areaId: id < 5 ? 2 : 1, area: id < 5 ? "A | B" : "Al Safa" }),
	),
	testFrom: JULY,
	valuer: constant({ estimate: 1_038_300, low: 900_000, high: 1_100_000 }),
	floors: floors(),
	bootstrap: { resamples: 5 },
});

const cellsOf = (line: string) => line.split(/\s{2,}/).map((cell) => cell.trim());

describe("the text", () => {
	const lines = formatText(report).split("\n");
	const after = (start: string) => lines.findIndex((line) => line.startsWith(start));

	test("has each segment's measures in percent", () => {
		expect(lines[0]).toBe("Ratio study, 2026-07-01 to 2026-07-02: 45 sales");
		expect(cellsOf(lines[after("all ")] ?? "")).toEqual([
			"all",
			"45",
			...["3.83", "3.83 to 3.83", "100.0", "100.0 to 100.0", "100.0", "1.038", "0.0", "1.000", "0.000"],
			...["100.0", "100.0", "9.6"],
		]);
	});

	test("has below each segment its floors, by what they valued", () => {
		const below = lines.slice(after("all ") + 1, after("all ") + 5);
		expect(below.map((line) => cellsOf(line)[0])).toEqual([
			"- area-rooms",
			"- project-rooms",
			"- original",
			"- original-without-premiums",
		]);
		// None of the sales of either area's first day has an earlier one in it.
		expect(cellsOf(below[0] ?? "")).toEqual(["- area-rooms", "45", ...Array<string>(7).fill("NA"), "0.0"]);
	});

	test("says NA of a segment that is too small", () => {
		expect(cellsOf(lines[after("area:A | B")] ?? "").filter((cell) => cell === "NA").length).toBe(11);
		expect(cellsOf(lines[after("villa-ready")] ?? "").slice(0, 2)).toEqual(["villa-ready", "0"]);
		expect(formatText(report)).not.toMatch(/NaN|null|undefined/);
	});

	test("stands in columns", () => {
		const table = lines.slice(2, lines.indexOf("", 2));
		const ends = table.filter((line) => !line.startsWith("- ")).map((line) => line.length);
		expect(new Set(ends).size).toBe(1);
	});

	test("says what the floors are, and whose data it is", () => {
		expect(lines).toContain("NA: fewer than 30 sales. Data: Dubai Land Department open data.");
		expect(formatText(report)).toContain("- area-rooms: median AED/m2");
	});
});

describe("the Markdown", () => {
	const lines = formatMarkdown(report).split("\n");

	test("is two tables, each row with as many cells as its head", () => {
		const bars = lines
			.filter((line) => line.startsWith("|"))
			.map((line) => line.split(/(?<!\\)\|/).length - 2);
		expect(bars.length).toBeGreaterThan(100);
		expect(new Set(bars)).toEqual(new Set([14]));
		expect(lines.filter((line) => line.startsWith("| segment |")).length).toBe(2);
		expect(lines.filter((line) => line.startsWith("| --- | ---: |")).length).toBe(2);
	});

	test("has the same rows as the text", () => {
		expect(lines).toContain(
			"| all | 45 | 3.83 | 3.83 to 3.83 | 100.0 | 100.0 to 100.0 | 100.0 | 1.038 | 0.0 | 1.000 | 0.000 | 100.0 | 100.0 | 9.6 |",
		);
		expect(lines.some((line) => line.startsWith("| - original-without-premiums | 45 |"))).toBe(true);
	});

	test("keeps a bar in a name from ending the cell", () => {
		expect(lines.some((line) => line.startsWith("| area:A \\| B | 5 |"))).toBe(true);
	});
});
