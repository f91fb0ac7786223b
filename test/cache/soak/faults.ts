import type { TestRedis } from "../support/redis.ts";
import type { Link } from "./link.ts";
import type { Origin } from "./origin.ts";
import type { Tally } from "./tally.ts";
import type { Part, Timeline } from "./timeline.ts";

export interface FaultContext {
	readonly redis: TestRedis;
	readonly links: readonly Link[];
	readonly origin: Origin;
	readonly timeline: Timeline;
	readonly tally: Tally;
	readonly random: () => number;
	readonly now: () => number;
	readonly running: () => boolean;
	/** Shorter than 1 for a short run. */
	readonly pace: number;
}

interface Fault {
	readonly name: string;
	readonly parts: readonly Part[];
	readonly longestMs: number;
	begin(): unknown;
	end(): unknown;
}

/** One fault after the other, each kind once before any comes again, with some peace in between; ends with all mended. */
export async function spoil(context: FaultContext): Promise<void> {
	const { random, timeline, tally, now, running, pace } = context;
	let waiting: Fault[] = [];
	const pause = (ms: number) => sleepWhile(running, ms * pace);
	await pause(2_000);
	while (running()) {
		if (waiting.length === 0) waiting = shuffled(faults(context), random);
		const fault = waiting.pop();
		if (!fault) return;
		const record = { name: fault.name, from: now(), to: Number.POSITIVE_INFINITY };
		tally.faults.push(record);
		for (const part of fault.parts) timeline.began(part, record.from);
		try {
			await fault.begin();
			await pause(500 + random() * (fault.longestMs - 500));
		} finally {
			await fault.end();
			record.to = now();
			for (const part of fault.parts) timeline.ended(part, record.to);
		}
		await pause(1_500 + random() * 4_000);
	}
}

function faults({ redis, links, origin, random }: FaultContext): Fault[] {
	const linkFaults = (name: string, those: readonly number[], begin: (link: Link) => void): Fault => ({
		name,
		parts: those.map((index): Part => `link ${index}`),
		longestMs: 7_000,
		begin() {
			for (const index of those) begin(links[index] as Link);
		},
		end() {
			for (const index of those) links[index]?.mend();
		},
	});
	const one = [Math.floor(random() * links.length)];
	const all = links.map((_, index) => index);
	return [
		{
			name: "Redis frozen",
			parts: ["redis", ...all.map((index): Part => `link ${index}`)],
			longestMs: 4_000,
			begin: () => redis.freeze(),
			end: () => redis.thaw(),
		},
		{
			name: "Redis killed",
			parts: ["redis", ...all.map((index): Part => `link ${index}`)],
			longestMs: 4_000,
			begin: () => redis.kill(),
			end: () => redis.start(),
		},
		{
			name: "origin down",
			parts: ["origin"],
			longestMs: 2_500,
			begin() {
				origin.down = true;
			},
			end() {
				origin.down = false;
			},
		},
		linkFaults("a bus link cut", one, (link) => link.cut()),
		linkFaults("all bus links cut", all, (link) => link.cut()),
		linkFaults("a bus link silent", one, (link) => link.stall()),
		linkFaults("all bus links silent", all, (link) => link.stall()),
	];
}

function shuffled<T>(values: T[], random: () => number): T[] {
	for (let index = values.length - 1; index > 0; index -= 1) {
		const other = Math.floor(random() * (index + 1));
		[values[index], values[other]] = [values[other] as T, values[index] as T];
	}
	return values;
}

export async function sleepWhile(running: () => boolean, ms: number): Promise<void> {
	const end = performance.now() + ms;
	while (running() && performance.now() < end) await Bun.sleep(20);
}
