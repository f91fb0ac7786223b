import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../bench/report/text.ts";
import { REPORTS } from "./reports.ts";

/** One thing that was looked at. */
export interface Finding {
	readonly what: string;
	/** How many single things that were. */
	readonly checked: number;
	/** A sentence for each that is not in order. */
	readonly problems: readonly string[];
}

/**
 * Prints what was looked at and each problem, and writes a JUnit report of it.
 *
 * @param name of the script in `scripts` that looked
 * @returns its exit status
 */
export function conclude(name: string, findings: readonly Finding[]): number {
	process.stdout.write(`${findingsText(findings)}\n`);
	mkdirSync(REPORTS, { recursive: true });
	writeFileSync(join(REPORTS, `junit-${name}.xml`), findingsJunit(name, findings));
	return Number(findings.length === 0 || findings.some((finding) => problemsOf(finding).length > 0));
}

/** What was looked at, then each problem. */
export function findingsText(findings: readonly Finding[]): string {
	const rows = findings.map((finding) => [
		finding.what,
		String(finding.checked),
		String(problemsOf(finding).length),
	]);
	const problems = findings.flatMap((finding) =>
		problemsOf(finding).map((problem) => `${finding.what}: ${problem}`),
	);
	return [table(["what", "checked", "problems"], rows), ...problems].join("\n");
}

/** As a JUnit report, a test case for each thing that was looked at. */
export function findingsJunit(name: string, findings: readonly Finding[]): string {
	const cases = findings.map((finding) => {
		const problems = problemsOf(finding);
		const failure = problems.length === 0 ? "" : `<failure message="${escaped(problems.join("\n"))}" />`;
		return `    <testcase name="${escaped(finding.what)}" file="scripts/${name}.ts">${failure}</testcase>`;
	});
	const failures = findings.filter((finding) => problemsOf(finding).length > 0).length;
	const counts = `tests="${findings.length}" failures="${failures}"`;
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites name="${name}" ${counts}>`,
		`  <testsuite name="${name}" ${counts}>`,
		...cases,
		"  </testsuite>",
		"</testsuites>",
		"",
	].join("\n");
}

/** To have looked at nothing is one, too. */
function problemsOf({ checked, problems }: Finding): readonly string[] {
	return checked === 0 && problems.length === 0 ? ["nothing was there to look at"] : problems;
}

function escaped(text: string): string {
	const entities: Record<string, string> = {
		"<": "&lt;",
		">": "&gt;",
		"&": "&amp;",
		'"': "&quot;",
		"\n": "&#10;",
	};
	return text.replaceAll(/[<>&"\n]/g, (character) => entities[character] ?? "");
}
