import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { projectRoot } from "../src/cli/dev/places.ts";
import { ending, endProcess, hasEnded } from "../src/cli/dev/processes.ts";
import { Interrupted, Scope, stopOnSignals } from "../src/cli/dev/scope.ts";
import { sentenceOf } from "../src/cli/terminal.ts";

/** Runs a script to its end, or until it is told to stop; then undoes what it began, and exits with its status. */
export async function runScript(main: (scope: Scope) => Promise<number>): Promise<never> {
	const scope = new Scope();
	stopOnSignals(scope, process.env);
	let status = 1;
	try {
		status = await main(scope);
	} catch (error) {
		if (error instanceof Interrupted) status = error.by === "SIGINT" ? 130 : 143;
		else console.error(sentenceOf(error));
	}
	await scope.close();
	process.exit(status);
}

export interface RunBunOptions {
	cwd?: string;
	env?: Record<string, string | undefined>;
	/** Keeps standard output for the script itself. */
	toStderr?: boolean;
}

/** Runs this same Bun for as long as the scope lasts. Its status, or the signal or fault that ended it. */
export async function runBun(
	scope: Scope,
	args: readonly string[],
	options: RunBunOptions = {},
): Promise<string> {
	scope.signal.throwIfAborted();
	const child = spawn(process.execPath, args, {
		cwd: options.cwd ?? projectRoot,
		stdio: ["ignore", options.toStderr ? 2 : "inherit", "inherit"],
		env: options.env ?? process.env,
	});
	scope.defer(async () => {
		if (child.pid !== undefined && !hasEnded(child))
			await endProcess(child.pid, [
				["SIGTERM", 3_000],
				["SIGKILL", 2_000],
			]);
	});
	return scope.race(ending(child));
}

/** Of what {@link runBun} gives back. */
export function exitStatus(end: string): number {
	return end === "0" ? 0 : Number(end) || 1;
}

/** How `bun test` runs files that start servers. */
export function testOptions(workers = Math.min(2 * availableParallelism(), 8)): string[] {
	// Files wait for their servers more than they compute: twice as many workers as cores halve the time again.
	// Whatever a test started and forgot ends with the run.
	// The time limit is for what hangs, not for what is slow: servers are started and stopped here.
	return ["--no-env-file", "--timeout=60000", "--no-orphans", `--parallel=${workers}`];
}
