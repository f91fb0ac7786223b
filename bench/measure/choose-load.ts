import { spawnSync } from "node:child_process";
import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Load } from "./load.ts";
import { bundledLoad } from "./load-bundled.ts";
import { wrkLoad } from "./load-wrk.ts";

/** wrk where it is installed, else the generator that comes with the benchmark. */
export function chooseLoad(scope: Scope, wanted?: "wrk" | "bundled"): Load {
	const hasWrk = spawnSync("wrk", ["-v"], { stdio: "ignore" }).error === undefined;
	return wanted === "bundled" || !hasWrk ? bundledLoad(scope) : wrkLoad(scope);
}
