import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import type { Scope } from "../src/cli/dev/scope.ts";
import { TerminalError } from "../src/cli/terminal.ts";
import { addFailure, readTotals } from "./junit-totals.ts";
import { ensureRedisServer } from "./redis-server.ts";
import { REPORTS } from "./reports.ts";
import { exitStatus, runBun, runScript, testOptions } from "./run.ts";
import { startThrowAwayPostgres, temporaryFolder } from "./throw-away-postgres.ts";

const [first, ...others] = process.argv.slice(2);
/** `--data` runs what needs the official files, everything else leaves that out. */
const onData = first === "--data";
const given = onData ? others : process.argv.slice(2);
/** Many test files connect at once. */
const MANY_CONNECTIONS = { max_connections: "300" };
/** TEST_REPORT: of a run that is not the usual one, so that it keeps the usual one's. */
const report = process.env["TEST_REPORT"] || join(REPORTS, onData ? "junit-data.xml" : "junit.xml");

async function runTests(scope: Scope): Promise<number> {
	mkdirSync(REPORTS, { recursive: true });
	rmSync(report, { force: true });
	if (onData) requireData();
	else ensureRedisServer();
	const runId = randomBytes(4).toString("hex");
	const own = process.env["DATABASE_URL"];
	const folder = await temporaryFolder(scope);
	const server = own || (await startThrowAwayPostgres(scope, folder, MANY_CONNECTIONS)).url("postgres");
	if (own) scope.defer(() => dropDatabasesOf(own, runId));

	const end = await runBun(scope, ["test", ...testArguments()], {
		// What an interrupted test leaves in its temporary folder goes with the whole of it.
		env: { ...process.env, TEST_DATABASE_URL: server, TEST_RUN_ID: runId, TMPDIR: folder },
	});
	const { passed, failed } = readTotals(report);
	if (end !== "0" && failed === 0) addFailure(report, `bun test ended with ${end} although no test failed`);
	if (end !== "0") return exitStatus(end);
	if (failed > 0) throw new TerminalError(`The report ${report} counts ${failed} failed tests.`);
	if (passed === 0) throw new TerminalError("Not a single test ran.");
	return 0;
}

function testArguments(): string[] {
	const which = onData ? ["./test/data"] : ["--path-ignore-patterns=test/data/**"];
	// Those on official files measure time and memory, so they run one after the other.
	const how = onData ? testOptions(1) : testOptions();
	return [...how, "--reporter=junit", `--reporter-outfile=${report}`, ...which, ...given];
}

function requireData(): void {
	const folder = process.env["DLD_DATA_DIR"];
	if (folder && existsSync(folder)) return;
	throw new TerminalError(
		"Set DLD_DATA_DIR to the folder with the Dubai Land Department's files; the repository holds none.",
	);
}

/** A server of our own vanishes with its databases; from somebody else's we take ours away. */
async function dropDatabasesOf(url: string, runId: string): Promise<void> {
	const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
	try {
		const names = await sql<{ datname: string }[]>`
			select datname from pg_database where datname ~ ${`^retyn_(test|template)_${runId}`}`;
		for (const { datname } of names) await sql`drop database if exists ${sql(datname)} with (force)`;
	} finally {
		await sql.end({ timeout: 5 });
	}
}

await runScript(runTests);
