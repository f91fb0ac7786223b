import { describe, expect, test } from "bun:test";
import { CONTRACT, type ContractCase } from "../../scripts/contract/cases.ts";
import { caseLine, caseNumbers, showCases, sumLine } from "../../scripts/contract/report.ts";
import { casesIn } from "../../scripts/junit-cases.ts";

const FEW: ContractCase[] = [
	{ number: 1, title: "the first", marks: [] },
	{ number: 2, title: "the second", marks: ["P", "R"] },
	{ number: 3, title: "the third", marks: [] },
	{ number: 4, title: "the fourth", marks: [] },
	{ number: 12, title: "the twelfth", marks: [] },
];

const REPORT = `<testsuites><testsuite name="2: a suite" file="test/a.test.ts">
	<testcase name="1: is there" classname="memory" file="test/a.test.ts" />
	<testcase name="1: is there" classname="redis" file="test/a.test.ts" />
	<testcase name="1, 2: says &quot;a &gt; b&quot; &amp;lt; &#39;c&#39;" file="test/a.test.ts" />
	<testcase name="2: breaks" file="test/b.test.ts"><failure message="3: no" /></testcase>
	<testcase name="3: is left out" file="test/b.test.ts"><skipped /></testcase>
	<testcase name="3: is there" file="test/b.test.ts" />
	<testcase name="4 has no colon" file="test/b.test.ts" />
	<testcase name="40: is another" file="test/b.test.ts" />
</testsuite></testsuites>`;

describe("the contract report", () => {
	const shown = showCases(FEW, casesIn(REPORT));
	const statusOf = (number: number) => shown.find((one) => one.number === number)?.status;

	test("knows a case as passed when all of its tests passed", () => {
		expect(statusOf(1)).toBe("passed");
	});

	test("knows a case as failed when one of its tests failed", () => {
		expect(statusOf(2)).toBe("failed");
	});

	test("knows a case as skipped when one of its tests was", () => {
		expect(statusOf(3)).toBe("skipped");
	});

	test("knows a case as missing when no test's name begins with its number and a colon", () => {
		expect(statusOf(4)).toBe("missing");
		expect(statusOf(12)).toBe("missing");
	});

	test("has one line for each case: number, title, marks, tests without their numbers, outcome", () => {
		expect(shown.map(caseLine)).toEqual([
			` 1 the first ("is there", "says "a > b" &lt; 'c'"): passed`,
			` 2 the second [P R] ("says "a > b" &lt; 'c'", "breaks"): failed`,
			' 3 the third ("is left out", "is there"): skipped',
			" 4 the fourth: missing",
			"12 the twelfth: missing",
		]);
	});

	test("ends with the sums", () => {
		expect(sumLine(shown)).toBe("Contract of 5 cases: 1 passed, 1 failed, 1 skipped, 2 missing");
	});

	test("reads numbers only where a name begins with them", () => {
		expect(caseNumbers("12, 33: both")).toEqual([12, 33]);
		expect(caseNumbers("7: one")).toEqual([7]);
		for (const name of ["a 7: b", "7 b", "7:b", ": b", "7, x: b"]) expect(caseNumbers(name)).toEqual([]);
	});

	test("is about fifty cases, eight of them on a real Redis", () => {
		expect(CONTRACT.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
		const marked = (mark: "R" | "P") =>
			CONTRACT.filter(({ marks }) => marks.includes(mark)).map(({ number }) => number);
		expect(marked("R")).toEqual([24, 25, 36, 37, 38, 41, 42, 43]);
		expect(marked("P")).toEqual([24, 25, 42, 43]);
	});
});
