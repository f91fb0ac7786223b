import { table } from "../../bench/report/text.ts";

/** One thing that was looked at. */
export interface Finding {
	readonly what: string;
	/** How many single things that were. */
	readonly checked: number;
	/** A sentence for each that is not in order. */
	readonly problems: readonly string[];
}

/** What was looked at, then each problem. */
export function findingsText(findings: readonly Finding[]): string {
	const rows = findings.map(({ what, checked, problems }) => [
		what,
		String(checked),
		String(problems.length),
	]);
	const problems = findings.flatMap(({ what, problems: each }) =>
		each.map((problem) => `${what}: ${problem}`),
	);
	return [table(["what", "checked", "problems"], rows), ...problems].join("\n");
}

/**
 * As a JUnit report, a test case for each thing that was looked at.
 *
 * @param name of the script in `scripts` that looked
 */
export function findingsJunit(findings: readonly Finding[], name = "monitoring"): string {
	const cases = findings.map(({ what, problems }) => {
		const failure = problems.length === 0 ? "" : `<failure message="${escaped(problems.join("\n"))}" />`;
		return `    <testcase name="${escaped(what)}" file="scripts/${name}.ts">${failure}</testcase>`;
	});
	const failures = findings.filter(({ problems }) => problems.length > 0).length;
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
