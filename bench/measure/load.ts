import { spawnSync } from "node:child_process";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { bundledLoad } from "./load-bundled.ts";
import { wrkLoad } from "./load-wrk.ts";
import type { Target } from "./request.ts";

export interface LoadResult {
	readonly requests: number;
	readonly seconds: number;
	/** Answers with a status of 400 or above, broken connections and time-outs. */
	readonly errors: number;
	/** Received, headers included. */
	readonly bytes: number;
	/** Milliseconds. */
	readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Keeps a number of connections busy for a time: each sends its next request when it has its answer. */
export interface Load {
	readonly name: string;
	run(target: Target, how: { seconds: number; connections: number }): Promise<LoadResult>;
}

/** wrk where it is installed, else the generator that comes with the benchmark. */
export function chooseLoad(scope: Scope, wanted?: "wrk" | "bundled"): Load {
	const hasWrk = spawnSync("wrk", ["-v"], { stdio: "ignore" }).error === undefined;
	return wanted === "bundled" || !hasWrk ? bundledLoad(scope) : wrkLoad(scope);
}
