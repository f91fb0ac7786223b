import { expect, test } from "bun:test";
import { findingsJunit, findingsText } from "../scripts/findings.ts";

const WELL = { what: "answers <all>", checked: 3, problems: [] };
const WRONG = { what: "hits", checked: 2, problems: ["one was late", "one was lost"] };
const NOTHING = { what: "alerts", checked: 0, problems: [] };

test("what was looked at is told, and each problem by itself", () => {
	const text = findingsText([WELL, WRONG]);
	expect(text).toContain("answers <all>");
	expect(text.split("\n").slice(-2)).toEqual(["hits: one was late", "hits: one was lost"]);
	const report = findingsJunit("load", [WELL, WRONG]);
	expect(report).toContain('tests="2" failures="1"');
	expect(report).toContain('name="answers &lt;all&gt;" file="scripts/load.ts"></testcase>');
	expect(report).toContain('message="one was late&#10;one was lost"');
});

test("to have looked at nothing is a problem", () => {
	expect(findingsText([NOTHING])).toEndWith("alerts: nothing was there to look at");
	expect(findingsJunit("load", [WELL, NOTHING])).toContain('tests="2" failures="1"');
});
