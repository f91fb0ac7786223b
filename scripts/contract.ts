import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";
import { projectRoot } from "../src/cli/dev/places.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { CONTRACT } from "./contract/cases.ts";
import { caseLine, caseNumbers, showCases, sumLine } from "./contract/report.ts";
import { casesIn } from "./junit-cases.ts";
import { REPORTS, readReport, reportOption } from "./reports.ts";
import { exitStatus, runBun, runScript } from "./run.ts";

const USAGE = "Usage: bun run test:contract [--report FILE]";
const REPORT = join(REPORTS, "junit.xml");
const QUOTED = /["'`]([^"'`\n]*)/g;

/**
 * `bun run test:contract` runs the tests that show the cases of the cache's contract and says what became of each
 * case; `--report FILE` reads what an earlier run reported instead. Exit code 1 unless every case was shown.
 */
async function main(scope: Scope): Promise<number> {
	const given = reportOption(process.argv.slice(2), USAGE);
	const status = given === undefined ? await runTests(scope) : 0;
	const shown = showCases(CONTRACT, casesIn(readReport(given ?? REPORT)));
	for (const one of shown) console.log(caseLine(one));
	console.log(sumLine(shown));
	return status || Number(shown.some((one) => one.status !== "passed"));
}

async function runTests(scope: Scope): Promise<number> {
	const command = fileURLToPath(new URL("./test.ts", import.meta.url));
	const end = await runBun(scope, ["--no-env-file", command, ...filesToRun()], { toStderr: true });
	return exitStatus(end);
}

/** The tests of the cache, and other files with tests that show cases. */
function filesToRun(): string[] {
	const files = [...new Glob("test/**/*.test.ts").scanSync(projectRoot)].sort();
	return files
		.filter((file) => file.startsWith("test/cache/") || namesCases(file))
		.map((file) => `./${file}`);
}

function namesCases(file: string): boolean {
	const texts = readFileSync(join(projectRoot, file), "utf8").matchAll(QUOTED);
	return [...texts].some(([, text = ""]) => caseNumbers(text).length > 0);
}

await runScript(main);
