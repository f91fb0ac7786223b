import { readFileSync } from "node:fs";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { Load } from "../measure/load.ts";
import { TICKS_PER_SECOND, usageOf } from "../measure/processes.ts";
import type { Work } from "./works.ts";

/** Who uses processor time. */
export const PARTS = ["instances", "nginx", "Redis", "PostgreSQL", "generator"] as const;
export type Part = (typeof PARTS)[number];

/** One way of being asked: so many instances, by way of nginx or not. */
export interface Way {
	readonly name: string;
	readonly instances: number;
	readonly port: number;
	/** The processes of each part that take part. */
	readonly pids: Readonly<Record<Exclude<Part, "generator">, readonly number[]>>;
}

/** What one slice gave. */
export interface Slice {
	readonly requestsPerSecond: number;
	/** Microseconds of processor time for one request. */
	readonly cpuUs: Readonly<Record<Part, number>>;
	/** Milliseconds. */
	readonly p50Ms: number;
	readonly p99Ms: number;
}

/** @throws {TerminalError} where more than the work allows for was answered with an error, or there was too little to ask */
export async function measureSlice(
	load: Load,
	work: Work,
	way: Way,
	how: { seconds: number; connections: number },
): Promise<Slice> {
	const target = { ...work.next(), port: way.port };
	const before = cpuOf(way);
	const { requests, seconds, errors, latency } = await load.run(target, how);
	const after = cpuOf(way);
	if (requests === 0 || errors > requests * work.tooRare) {
		throw new TerminalError(`${work.name}, ${way.name}: ${errors} errors among ${requests} answers`);
	}
	const different = (target.order ?? target.requests).length;
	if (work.once && requests > different) {
		throw new TerminalError(`${work.name}, ${way.name}: all ${different} requests were sent, and some again`);
	}
	const used = PARTS.map((part) => [part, ((after[part] - before[part]) * 1e6) / requests] as const);
	return {
		requestsPerSecond: requests / seconds,
		cpuUs: Object.fromEntries(used) as Slice["cpuUs"],
		p50Ms: latency.p50,
		p99Ms: latency.p99,
	};
}

/** Seconds of processor time so far. */
function cpuOf({ pids }: Way): Record<Part, number> {
	const sum = (part: keyof Way["pids"]) => pids[part].reduce((total, pid) => total + usageOf(pid).cpuS, 0);
	return {
		instances: sum("instances"),
		nginx: sum("nginx"),
		Redis: sum("Redis"),
		PostgreSQL: sum("PostgreSQL"),
		generator: endedChildrenS(),
	};
}

/** Of children of ours that have ended (proc(5): cutime and cstime): each slice has its own generator, and none other ends. */
function endedChildrenS(): number {
	const stat = readFileSync("/proc/self/stat", "utf8");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
