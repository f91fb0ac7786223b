import { readFileSync, writeFileSync } from "node:fs";
import { TerminalError } from "../src/cli/terminal.ts";
import { casesIn } from "./junit-cases.ts";
import { readReport } from "./reports.ts";

export interface Totals {
	passed: number;
	failed: number;
	skipped: number;
}

/**
 * Counts the test cases themselves: suites are nested, and their sums in the report repeat each other.
 *
 * @throws {TerminalError} for a report that is missing or holds no test case
 */
export function readTotals(file: string): Totals {
	const totals = countCases(readReport(file));
	if (totals.passed + totals.failed + totals.skipped === 0)
		throw new TerminalError(`The report ${file} holds no test.`);
	return totals;
}

export function countCases(xml: string): Totals {
	const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
	for (const { outcome } of casesIn(xml)) totals[outcome]++;
	return totals;
}

/** Bun's report does not show a file that could not even be loaded, and a run that failed has to have a failure. */
export function addFailure(file: string, message: string): void {
	const failure = `  <testcase name="the test run"><failure message="${message}" /></testcase>\n`;
	writeFileSync(file, readFileSync(file, "utf8").replace(/<\/testsuites>\s*$/, `${failure}$&`));
}

/** `bun scripts/junit-totals.ts FILE...` prints one line about all of them; exit code 1 if it cannot, or a test failed. */
if (import.meta.main) {
	const sum: Totals = { passed: 0, failed: 0, skipped: 0 };
	for (const file of process.argv.slice(2)) {
		try {
			const totals = readTotals(file);
			sum.passed += totals.passed;
			sum.failed += totals.failed;
			sum.skipped += totals.skipped;
		} catch (error) {
			if (!(error instanceof TerminalError)) throw error;
			console.error(error.message);
			process.exitCode = 1;
		}
	}
	if (sum.failed > 0) process.exitCode = 1;
	console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
}
