import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { projectRoot } from "../src/cli/dev/places.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { type FileCoverage, linesOfCode, percent, readLcov } from "./lcov.ts";
import { ensureRedisServer } from "./redis-server.ts";
import { REPORTS, readReport, reportOption } from "./reports.ts";
import { exitStatus, runBun, runScript, testOptions } from "./run.ts";

const USAGE = "Usage: bun run coverage:cache [--report LCOV-FILE]";
const FOLDER = "src/cache/";
/** Percent of the folder's lines that the cache's own tests must run. */
const FLOOR = 95;

/**
 * `bun run coverage:cache` prints how much of the cache's lines its tests run, file by file and in total; `--report FILE`
 * reads what an earlier run reported instead. Exit code 1 below the floor, or when a test failed.
 */
async function main(scope: Scope): Promise<number> {
	const given = reportOption(process.argv.slice(2), USAGE);
	const status = given === undefined ? await runTests(scope) : 0;
	const files = coverageOf(readReport(given ?? join(REPORTS, "lcov.info")));
	for (const one of files) console.log(`${column([one])}  ${one.file}`);
	console.log(`${column(files)}  in total; the floor is ${FLOOR} %`);
	return status || Number(percent(files) < FLOOR);
}

async function runTests(scope: Scope): Promise<number> {
	ensureRedisServer();
	const options = ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${REPORTS}`];
	const end = await runBun(scope, ["test", ...testOptions(), ...options, "./test/cache"], { toStderr: true });
	return exitStatus(end);
}

/** A file that no test so much as loads is not in the report, and not covered. */
function coverageOf(report: string): FileCoverage[] {
	const reported = new Map(readLcov(report).map((one) => [one.file, one]));
	const files = [...new Glob(`${FOLDER}**/*.ts`).scanSync(projectRoot)].sort();
	return files
		.map((file) => reported.get(file) ?? { file, covered: 0, lines: codeIn(file) })
		.filter(({ lines }) => lines > 0);
}

function codeIn(file: string): number {
	return linesOfCode(readFileSync(join(projectRoot, file), "utf8"));
}

function column(files: readonly FileCoverage[]): string {
	return `${percent(files).toFixed(1).padStart(6)} %`;
}

await runScript(main);
