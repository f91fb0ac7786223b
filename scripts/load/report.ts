import { table } from "../../bench/report/text.ts";
import { coresOf, memoryOf, type UsageSample } from "../system/usage.ts";
import { type Figures, failuresText, type Latency } from "./figures.ts";
import type { Recovery } from "./promises.ts";

/** One stretch of time of one run. */
export interface Row {
	readonly run: string;
	readonly figures: Figures;
}

/** What a run used. */
export interface Used {
	readonly run: string;
	readonly usage: ReadonlyMap<string, readonly UsageSample[]>;
	/** Of the generator: how much later than wanted it sent, p99, milliseconds. */
	readonly lateMs: number;
}

export interface Recovered extends Recovery {
	readonly run: string;
}

/** From here on the memory of an instance should have found its size. */
const SETTLED_MS = 10_000;

export function figuresTable(rows: readonly Row[]): string {
	return table(
		[
			"run",
			"requests",
			"a second",
			"hit ratio",
			"hits p50 / p99 ms",
			"stale p50 / p99 ms",
			"misses p50 / p99 ms",
			"lists p50 / p99 ms",
			"refused",
			"failed",
		],
		rows.map(({ run, figures }) => [
			run,
			String(figures.requests),
			figures.rate.toFixed(0),
			`${(100 * figures.hitRatio).toFixed(1)} %`,
			latencyText(figures.hits),
			latencyText(figures.stale),
			latencyText(figures.misses),
			latencyText(figures.batches),
			String(figures.refused),
			failuresText(figures.failures),
		]),
	);
}

export function usageTable(all: readonly Used[]): string {
	return table(
		["run", "process", "cores", "MB at 10 s", "MB at the end", "MB a minute"],
		all.flatMap(({ run, usage, lateMs }) =>
			[...usage].map(([name, samples]) => {
				const memory = name.startsWith("instance") ? memoryOf(samples, SETTLED_MS) : undefined;
				const figures = memory ? [memory.begin, memory.end, memory.slope].map((one) => one.toFixed(0)) : [];
				const late = name === "generator" ? `, sends ${lateMs.toFixed(1)} ms late (p99)` : "";
				return [run, `${name}${late}`, coresOf(samples).toFixed(2), ...figures];
			}),
		),
	);
}

export function recoveryLines(all: readonly Recovered[]): string[] {
	return all.map(
		({ run, storedAgainMs, hitsBackMs, missesBackMs }) =>
			`${run}: the first answer stored ${timeText(storedAgainMs)} after Redis was back, as many hits as before ` +
			`${hitsBackMs === undefined ? "not yet when the database was lost" : `after ${timeText(hitsBackMs)}`}; the first value worked out ${timeText(missesBackMs)} after the database was back.`,
	);
}

function timeText(ms: number | undefined): string {
	return ms === undefined ? "never" : `${Math.round(ms)} ms`;
}

function latencyText({ count, p50, p99 }: Latency): string {
	return count === 0 ? "" : `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}
