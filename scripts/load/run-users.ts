import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ending } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { GeneratorOrder, GeneratorReport } from "./records.ts";

/** Users who are asking. */
export interface RunningUsers {
	readonly pid: number;
	/** Lets them finish what they began. What became of all that they asked. */
	stop(): Promise<GeneratorReport>;
}

const GENERATOR = fileURLToPath(new URL("generator.ts", import.meta.url));

/** Resolves when all are connected and begin to ask. They end with the scope. */
export async function runUsers(scope: Scope, order: GeneratorOrder): Promise<RunningUsers> {
	const child = spawn(process.execPath, ["--no-env-file", GENERATOR], { stdio: ["pipe", "pipe", "inherit"] });
	scope.defer(() => child.kill("SIGKILL"));
	const lines = createInterface({ input: child.stdout });
	const ready = new Promise<void>((resolve) => lines.once("line", () => resolve()));
	const failed = ending(child).then(async (end): Promise<never> => {
		if (end !== "0") throw new TerminalError(`The load generator ended with ${end}`);
		// What it said at its end may still be on its way.
		return new Promise(() => {});
	});
	failed.catch(() => {});
	child.stdin.write(`${JSON.stringify(order)}\n`);
	await scope.race(Promise.race([ready, failed]));
	return {
		pid: child.pid ?? 0,
		async stop() {
			const said = new Promise<string>((resolve) => lines.once("line", resolve));
			child.stdin.end();
			return JSON.parse(await scope.race(Promise.race([said, failed]))) as GeneratorReport;
		},
	};
}
