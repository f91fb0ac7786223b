import type { ChildProcess } from "node:child_process";

/** What a process that was just started says first. @throws when it ends before that. */
export function firstLine(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		child.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim()));
		child.once("error", reject);
		child.once("exit", (code) => reject(new Error(`the instance ended with ${code}`)));
	});
}

/** SIGKILL, if it has not ended already; resolves when it has. */
export async function kill(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGKILL");
	await gone;
}
