import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in these (USER_HZ, 100 on every architecture that Bun runs on). */
export const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** What a process and all that descend from it have used, those that have ended included. */
export interface Usage {
	/** Seconds of processor time, in user and system mode. */
	readonly cpuS: number;
	readonly residentBytes: number;
}

/** Of the whole process, as the operating system accounts for it: threads, garbage collection and system calls included. */
export function usageOf(pid: number): Usage {
	let ticks = 0;
	let pages = 0;
	for (const one of [pid, ...descendants(pid)]) {
		const stat = read(one, "stat");
		// The name in parentheses may hold spaces; what is behind it does not (proc(5)).
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		for (const field of fields.slice(11, 15)) ticks += Number(field);
		pages += Number(fields[21] ?? 0);
	}
	return { cpuS: ticks / TICKS_PER_SECOND, residentBytes: pages * PAGE_BYTES };
}

/** The processes that a process started, and those that they started. */
export function descendants(pid: number): number[] {
	const children: number[] = [];
	try {
		for (const task of readdirSync(`/proc/${pid}/task`)) {
			const list = read(pid, `task/${task}/children`).trim();
			if (list) children.push(...list.split(" ").map(Number));
		}
	} catch {
		return [];
	}
	return children.flatMap((child) => [child, ...descendants(child)]);
}

function read(pid: number, file: string): string {
	try {
		return readFileSync(`/proc/${pid}/${file}`, "utf8");
	} catch {
		return "";
	}
}
