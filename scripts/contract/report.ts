import type { Outcome, TestCase } from "../junit-cases.ts";
import type { ContractCase } from "./cases.ts";

export interface ShownCase extends ContractCase {
	/** Names of the tests that show it, without the numbers; one that several suites share is there once. */
	readonly tests: readonly string[];
	/** `missing`: no test shows it. */
	readonly status: Outcome | "missing";
}

/** What test names begin with that show cases of the contract: `7: ` or `12, 33: `. */
const NUMBERS = /^(\d+(?:, ?\d+)*): /;

/** The numbers at the beginning of a test's name, none for other tests. */
export function caseNumbers(testName: string): number[] {
	const [, numbers] = NUMBERS.exec(testName) ?? [];
	return numbers ? numbers.split(",").map(Number) : [];
}

/** What the tests of a run say about each case. One that failed or was skipped outweighs those that passed. */
export function showCases(contract: readonly ContractCase[], tests: readonly TestCase[]): ShownCase[] {
	return contract.map((one) => {
		const showing = tests.filter(({ name }) => caseNumbers(name).includes(one.number));
		const outcomes = new Set(showing.map(({ outcome }) => outcome));
		const status = (["failed", "skipped", "passed"] as const).find((outcome) => outcomes.has(outcome));
		const names = showing.map(({ name }) => name.replace(NUMBERS, ""));
		return { ...one, tests: [...new Set(names)], status: status ?? "missing" };
	});
}

/** One line: number, what it is about, the tests that show it, and what became of them. */
export function caseLine({ number, title, marks, tests, status }: ShownCase): string {
	const marked = marks.length > 0 ? ` [${marks.join(" ")}]` : "";
	const shown = tests.length > 0 ? ` (${tests.map((name) => `"${name}"`).join(", ")})` : "";
	return `${String(number).padStart(2)} ${title}${marked}${shown}: ${status}`;
}

/** The sum of them, in one line. */
export function sumLine(cases: readonly ShownCase[]): string {
	const count = (status: ShownCase["status"]) => cases.filter((one) => one.status === status).length;
	const sums = (["passed", "failed", "skipped", "missing"] as const).map(
		(status) => `${count(status)} ${status}`,
	);
	return `Contract of ${cases.length} cases: ${sums.join(", ")}`;
}
