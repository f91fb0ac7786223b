/**
 * `bun run test:runtimes` builds the server for Node and runs on it, as real processes, the tests that `npm test` runs on
 * Bun. Needs Node 20 or later on PATH, and redis-server. Exit code 1 when something is not as on Bun. Files to run may be
 * given instead.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Scope } from "../src/cli/dev/scope.ts";
import { TerminalError } from "../src/cli/terminal.ts";
import { REPORTS } from "./reports.ts";
import { exitStatus, runBun, runScript } from "./run.ts";

const OLDEST_NODE = 20;
/** All that start the service as a process and ask it something. */
const SUITES = [
	"test/server",
	"test/health/redis.test.ts",
	"test/observability/traces.test.ts",
	"test/runtimes",
];

async function main(scope: Scope): Promise<number> {
	requireNode();
	const built = exitStatus(await runBun(scope, ["run", "build:node"]));
	if (built !== 0) return built;
	const given = process.argv.slice(2);
	const files = given.length > 0 ? given : SUITES;
	return exitStatus(
		await runBun(scope, ["--no-env-file", "scripts/test.ts", ...files], {
			env: {
				...process.env,
				SERVER_RUNTIME: "node",
				TEST_REPORT: join(REPORTS, "junit-runtimes.xml"),
			},
		}),
	);
}

function requireNode(): void {
	const { stdout } = spawnSync("node", ["--version"], { encoding: "utf8" });
	const major = Number(/^v(\d+)\./.exec(stdout ?? "")?.[1] ?? 0);
	if (major >= OLDEST_NODE) return;
	throw new TerminalError(`Node ${OLDEST_NODE} or later has to be on PATH; the server is tried on it.`);
}

await runScript(main);
