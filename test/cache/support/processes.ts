import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Numbers of the running processes in whose command line or environment a text stands, this one excepted. */
export function processesMentioning(text: string): number[] {
	if (!existsSync("/proc/self/environ")) return fromPs(text);
	const numbers = readdirSync("/proc").map(Number).filter(Number.isInteger);
	return numbers.filter((pid) => pid !== process.pid && !isZombie(pid) && mentions(pid, text));
}

function mentions(pid: number, text: string): boolean {
	return ["cmdline", "environ"].some((file) => read(pid, file).includes(text));
}

/** It has ended; only its parent has not asked yet how. */
function isZombie(pid: number): boolean {
	return /\) Z /.test(read(pid, "stat"));
}

function read(pid: number, file: string): string {
	try {
		return readFileSync(`/proc/${pid}/${file}`, "utf8");
	} catch {
		return "";
	}
}

function fromPs(text: string): number[] {
	const { stdout } = spawnSync("ps", ["-Eww", "-Ao", "pid=,command="], { encoding: "utf8" });
	const lines = stdout.split("\n").filter((line) => line.includes(text));
	return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid !== process.pid);
}
