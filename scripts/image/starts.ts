import { table } from "../../bench/report/text.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Finding } from "../findings.ts";
import type { Image } from "./container.ts";
import { startServer } from "./server.ts";

/** What one start took. */
export interface Start {
	readonly firstAnswerMs: number;
	/** Processor time. */
	readonly firstAnswerCpuMs: number;
	readonly readyMs: number;
	/** After a while in which nobody asked anything. */
	readonly idleBytes: number;
	readonly end: string;
}

const IDLE_MS = 5_000;
const MEGABYTE = 1_000_000;
/** What is aimed at on a machine that does nothing else, */
const AIM_MS = 300;
/** and what nothing may exceed however busy the machine is: the slowest start that was ever seen, and some more. */
const FIRST_ANSWER_MS = 2_500;
const IDLE_BYTES = 120 * MEGABYTE;

/** Starts the server again and again, on a database that is there and in use. */
export async function measureStarts(
	scope: Scope,
	image: Image,
	env: Readonly<Record<string, string>>,
	count: number,
): Promise<Start[]> {
	const starts: Start[] = [];
	while (starts.length < count) {
		const { residentBytes, stop, ...start } = await startServer(scope, image, env);
		await scope.race(Bun.sleep(IDLE_MS));
		const idleBytes = residentBytes();
		starts.push({ ...start, idleBytes, end: (await stop()).end });
	}
	return starts;
}

/** Medians, with the least and the most, and whether the aim was reached. */
export function startsText(starts: readonly Start[]): string {
	const row = (what: string, of: (start: Start) => number, unit: string) => {
		const values = starts.map(of).toSorted((a, b) => a - b);
		const show = (value = Number.NaN) => `${Math.round(value)} ${unit}`;
		return [what, show(median(values)), show(values[0]), show(values.at(-1))];
	};
	const quickest = Math.min(...starts.map(({ firstAnswerMs }) => firstAnswerMs));
	const aim = `The aim of ${AIM_MS} ms to the first answer was ${quickest < AIM_MS ? "" : "not "}reached here by the quickest start.`;
	const figures = table(
		[`of ${starts.length} starts`, "median", "least", "most"],
		[
			row("first answer", ({ firstAnswerMs }) => firstAnswerMs, "ms"),
			row("processor time until then", ({ firstAnswerCpuMs }) => firstAnswerCpuMs, "ms"),
			row("ready", ({ readyMs }) => readyMs, "ms"),
			row(`memory after ${IDLE_MS / 1000} s`, ({ idleBytes }) => idleBytes / MEGABYTE, "MB"),
		],
	);
	return [figures, aim].join("\n");
}

export function startFindings(starts: readonly Start[]): Finding[] {
	const quickest = Math.min(...starts.map(({ firstAnswerMs }) => firstAnswerMs));
	const idle = median(starts.map(({ idleBytes }) => idleBytes));
	const ends = starts.filter(({ end }) => end !== "0").map(({ end }) => `ended with ${end}`);
	const over = (isOver: boolean, seen: string) => (isOver ? [seen] : []);
	return [
		{
			what: `it answers within ${FIRST_ANSWER_MS} ms of its start`,
			checked: starts.length,
			problems: over(quickest >= FIRST_ANSWER_MS, `the quickest start took ${Math.round(quickest)} ms`),
		},
		{
			what: `it holds less than ${IDLE_BYTES / MEGABYTE} MB while nobody asks`,
			checked: starts.length,
			problems: over(idle >= IDLE_BYTES, `${Math.round(idle / MEGABYTE)} MB`),
		},
		{ what: "every one ends with 0", checked: starts.length, problems: ends },
	];
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
