import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addFailure, countCases, readTotals } from "../../scripts/junit-totals.ts";

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "retyn-junit-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function reportOf(xml: string): Promise<string> {
	const file = join(folder, "report.xml");
	await writeFile(file, xml);
	return file;
}

describe("the totals of a test report", () => {
	test("count each case once, however deep the suites are nested", () => {
		const xml = `<testsuites tests="99" failures="9">
			<testsuite tests="3"><testsuite tests="2">
				<testcase name="a" /><testcase name="b"><failure message="no" /></testcase>
			</testsuite><testcase name="c"></testcase></testsuite>
			<testcase name="d"><skipped /></testcase><testcase name="e"><error/></testcase>
		</testsuites>`;
		expect(countCases(xml)).toEqual({ passed: 2, failed: 2, skipped: 1 });
	});

	test("are not misled by names and output that look like reports", () => {
		const xml = `<testsuites>
			<testcase name="1 > 0 />" /><testcase name='says "<failure'/>
			<testcase name="loud"><system-out><![CDATA[<testcase name="x"><failure/></testcase>]]></system-out></testcase>
		</testsuites>`;
		expect(countCases(xml)).toEqual({ passed: 3, failed: 0, skipped: 0 });
	});

	test("of a missing or an empty report are an error", async () => {
		expect(() => readTotals(join(folder, "none.xml"))).toThrow("There is no report");
		const empty = await reportOf('<testsuites name="bun test" tests="0"></testsuites>');
		expect(() => readTotals(empty)).toThrow("holds no test");
	});

	test("have a failure when the run failed although no case did", async () => {
		const file = await reportOf('<testsuites>\n  <testcase name="a" />\n</testsuites>\n');
		addFailure(file, "bun test ended with 1");
		expect(readTotals(file)).toEqual({ passed: 1, failed: 1, skipped: 0 });
	});
});
