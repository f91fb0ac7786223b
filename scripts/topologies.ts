/**
 * `bun run test:topologies` starts a Sentinel set and a Redis Cluster from the files of `deploy/redis`, and processes that
 * cache in each. It shows there what the cache's contract says of Redis, and takes primaries away under load: it prints what
 * callers saw and how long until hits came again. Needs redis-server (installed as root on Debian). Exit code 1 when
 * something is not as promised.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "../src/cli/dev/scope.ts";
import { TerminalError } from "../src/cli/terminal.ts";
import { addFailure, readTotals } from "./junit-totals.ts";
import { ensureRedisServer } from "./redis-server.ts";
import { REPORTS } from "./reports.ts";
import { exitStatus, runBun, runScript, testOptions } from "./run.ts";
import { temporaryFolder } from "./throw-away-postgres.ts";

const TESTS = ["conformance", "contract", "failover"].map(
	(name) => `./test/cache/topologies/${name}.topology.ts`,
);
const report = join(REPORTS, "junit-topologies.xml");

async function main(scope: Scope): Promise<number> {
	ensureRedisServer();
	mkdirSync(REPORTS, { recursive: true });
	rmSync(report, { force: true });
	const folder = await temporaryFolder(scope);
	// Times are measured: one after the other.
	const how = [...testOptions(1), "--reporter=junit", `--reporter-outfile=${report}`];
	const end = await runBun(scope, ["test", ...how, ...TESTS], {
		env: { ...process.env, TMPDIR: folder },
	});
	const { passed, failed } = readTotals(report);
	if (end !== "0" && failed === 0) addFailure(report, `bun test ended with ${end} although no test failed`);
	if (end !== "0") return exitStatus(end);
	if (passed === 0) throw new TerminalError("Not a single test ran.");
	return 0;
}

await runScript(main);
