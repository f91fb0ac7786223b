import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../src/cli/dev/places.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { lift } from "./lifted/lift.ts";
import { ensureRedisServer } from "./redis-server.ts";
import { exitStatus, runBun, runScript, testOptions } from "./run.ts";

const COMPILER = join(projectRoot, "node_modules/typescript/bin/tsc");

/**
 * `bun run test:lifted [OPTION...]` type-checks and tests the cache in a folder that holds nothing else of this project,
 * to see that it can be lifted out. Further options are for `bun test`.
 */
async function main(scope: Scope): Promise<number> {
	ensureRedisServer();
	const folder = await mkdtemp(join(tmpdir(), "lifted-cache-"));
	scope.defer(() => rm(folder, { recursive: true, force: true }));
	const packages = Object.entries(await lift(projectRoot, folder));
	console.log(`src/cache and test/cache alone, with ${packages.map((one) => one.join(" ")).join(", ")}`);

	const types = exitStatus(await runBun(scope, [COMPILER, "--noEmit"], { cwd: folder }));
	if (types !== 0) return types;
	const options = [...testOptions(), ...process.argv.slice(2)];
	return exitStatus(await runBun(scope, ["test", ...options, "./test/cache"], { cwd: folder }));
}

await runScript(main);
