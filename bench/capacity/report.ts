import { ratioSpread, spreadOf } from "../measure/spread.ts";
import { spreadText, table } from "../report/text.ts";
import { type Reckoned, reckon } from "./model.ts";
import { PARTS, type Part, type Slice } from "./slices.ts";

/** What each round gave of one kind of work, done in one way. */
export interface Measured {
	readonly work: string;
	readonly way: string;
	readonly slices: readonly Slice[];
}

/** Medians over the rounds; how a rate compares with the first way's is taken within rounds. */
export function measuredTable(all: readonly Measured[]): string {
	const columns = ["work", "servers", "requests/s", "of the first", "p50 ms", "p99 ms", "cores"];
	const rows = all.map(({ work, way, slices }) => {
		const first = all.find((one) => one.work === work);
		const ratio = ratioSpread(rates(slices), rates(first?.slices ?? slices));
		const median = (of: (slice: Slice) => number) => spreadOf(slices.map(of)).median;
		return [
			work,
			way,
			spreadText(spreadOf(slices.map(({ requestsPerSecond }) => requestsPerSecond)), 0),
			ratio ? spreadText(ratio, 2) : "",
			median(({ p50Ms }) => p50Ms).toFixed(1),
			median(({ p99Ms }) => p99Ms).toFixed(1),
			median((slice) => (slice.requestsPerSecond * sumOf(slice.cpuUs)) / 1e6).toFixed(2),
		];
	});
	return table(columns, rows);
}

/** Seconds of processor time for 1,000 requests, of each part. */
export function costTable(all: readonly Measured[]): string {
	const rows = all.map(({ work, way, slices }) => {
		const cost = mediansOf(slices);
		return [work, way, ...PARTS.map((part) => (cost[part] / 1000).toFixed(3))];
	});
	return table(["work", "servers", ...PARTS.map((part) => `${part}, s per 1,000`)], rows);
}

/** What more instances would carry on machines with cores enough, by the costs that were measured with one behind nginx. */
export function reckonedTable(work: string, reckoned: readonly Reckoned[]): string {
	return table(
		[
			"work",
			"instances",
			"requests/s",
			"full first",
			"Redis cores",
			"nginx cores",
			"PostgreSQL cores",
			"connections",
		],
		reckoned.map((one) => [
			work,
			String(one.instances),
			one.requestsPerSecond.toFixed(0),
			one.limit,
			one.redisCores.toFixed(2),
			one.nginxCores.toFixed(2),
			one.postgresCores.toFixed(2),
			String(one.connections),
		]),
	);
}

export function reckonFrom({ slices }: Measured, instances: readonly number[]): Reckoned[] {
	const costs = mediansOf(slices);
	return instances.map((count) => reckon(costs, count));
}

function mediansOf(slices: readonly Slice[]): Slice["cpuUs"] {
	const medians = PARTS.map((part) => [part, spreadOf(slices.map(({ cpuUs }) => cpuUs[part])).median]);
	return Object.fromEntries(medians) as Record<Part, number>;
}

function sumOf(cpuUs: Slice["cpuUs"]): number {
	return PARTS.reduce((sum, part) => sum + cpuUs[part], 0);
}

function rates(slices: readonly Slice[]): Map<number, number> {
	return new Map(slices.map(({ requestsPerSecond }, round) => [round, requestsPerSecond]));
}
