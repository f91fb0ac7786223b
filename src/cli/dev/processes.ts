import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Whether a number is in use: by a process that runs, or by one that ended and was not yet asked how. */
export function isListed(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}

/** Whether a process runs, whoever owns it. */
export function isAlive(pid: number): boolean {
	if (!isListed(pid)) return false;
	try {
		return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
	} catch {
		// Gone a moment later; or a system without /proc, which has to be believed.
		return !existsSync("/proc/self/stat");
	}
}

/** The words of a process's command line; none when it is gone. */
export function commandLine(pid: number): string[] {
	if (existsSync("/proc/self/cmdline")) {
		try {
			return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
		} catch {
			return [];
		}
	}
	// A system without /proc gives the words joined, which is good enough to recognise a path in them.
	return [spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? ""];
}

/** Sends the signals one after the other, each with its time in milliseconds, until the process is gone. */
export async function endProcess(
	pid: number,
	steps: readonly (readonly [NodeJS.Signals, number])[],
): Promise<void> {
	for (const [signal, withinMs] of steps) {
		try {
			process.kill(pid, signal);
		} catch {
			return;
		}
		const end = performance.now() + withinMs;
		while (performance.now() < end) {
			if (!isAlive(pid)) return;
			await Bun.sleep(10);
		}
	}
}

export function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

/** How a child ended, or that it could not be started at all. */
export function ending(child: ChildProcess): Promise<string> {
	return new Promise((resolve) => {
		if (hasEnded(child)) resolve(String(child.signalCode ?? child.exitCode));
		child.once("error", (error) => resolve(error.message));
		child.once("exit", (code, signal) => resolve(String(signal ?? code)));
	});
}
