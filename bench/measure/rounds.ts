import { createRandom } from "../../src/lib/random.ts";
import { checkAnswers, checkLoad, type Seen } from "./check.ts";
import type { Load, LoadResult } from "./load.ts";
import { usageOf } from "./processes.ts";
import type { Target } from "./request.ts";
import { spreadOf } from "./spread.ts";

/** A case whose server runs. */
export interface Measurable extends Target {
	readonly name: string;
	readonly pid: number;
	readonly connections: number;
	/** Of a Redis whose processor time is reported beside the server's. */
	readonly redisPid?: number;
}

/** What one case did in one round. */
export interface Measured {
	readonly requestsPerSecond: number;
	/** Microseconds of processor time that the server's processes used for one request. */
	readonly cpuUs: number;
	readonly redisCpuUs?: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly maxMs: number;
	readonly bytesPerAnswer: number;
}

export interface RoundsOptions {
	readonly rounds: number;
	/** For each case in each round, whole ones. */
	readonly seconds: number;
	readonly seed: number;
	onRound?(round: number): void;
}

/** Before the first round each case runs for this long, so that what is compiled while running is. */
const WARM_UP_S = 2;

/** A case's time in a round is taken in slices, one after the other with those of the others: a bad moment is nobody's alone. */
const SLICE_S = 1;

/**
 * In each round every case has its time, a second in turn with the others, in an order that is drawn anew for each turn:
 * whatever the machine does meanwhile, it does to all. Answers are checked before and after.
 *
 * @returns for each case its rounds by number
 */
export async function measureRounds(
	load: Load,
	cases: readonly Measurable[],
	options: RoundsOptions,
): Promise<Map<string, Map<number, Measured>>> {
	const random = createRandom(options.seed);
	const seen = new Map<string, Seen>();
	const results = new Map<string, Map<number, Measured>>();
	for (const one of cases) {
		await checkAnswers(one.name, one);
		await load.run(one, { seconds: WARM_UP_S, connections: one.connections });
		seen.set(one.name, await checkAnswers(one.name, one));
		results.set(one.name, new Map());
	}
	for (let round = 1; round <= options.rounds; round += 1) {
		options.onRound?.(round);
		const slices = new Map<string, Slice[]>(cases.map(({ name }) => [name, []]));
		for (let pass = 0; pass < options.seconds; pass += SLICE_S) {
			for (const one of shuffled(cases, random)) {
				slices.get(one.name)?.push(await measure(load, one, seen.get(one.name)));
			}
		}
		for (const [name, of] of slices) results.get(name)?.set(round, together(of));
	}
	for (const one of cases) await checkAnswers(one.name, one);
	return results;
}

interface Slice extends LoadResult {
	readonly cpuS: number;
	readonly redisCpuS: number | undefined;
}

async function measure(load: Load, one: Measurable, seen: Seen | undefined): Promise<Slice> {
	const cpuS = () => usageOf(one.pid).cpuS;
	const redisCpuS = () => (one.redisPid === undefined ? undefined : usageOf(one.redisPid).cpuS);
	const [before, redisBefore] = [cpuS(), redisCpuS()];
	const result = await load.run(one, { seconds: SLICE_S, connections: one.connections });
	const [after, redisAfter] = [cpuS(), redisCpuS()];
	if (seen) checkLoad(one.name, result, seen);
	const ofRedis = redisAfter !== undefined && redisBefore !== undefined;
	return { ...result, cpuS: after - before, redisCpuS: ofRedis ? redisAfter - redisBefore : undefined };
}

/** Counts are added up; of latencies the median of the slices' is taken, and the longest of all. */
function together(slices: readonly Slice[]): Measured {
	const sum = (of: (slice: Slice) => number) => slices.reduce((total, slice) => total + of(slice), 0);
	const requests = sum((slice) => slice.requests);
	const usesRedis = slices.every(({ redisCpuS }) => redisCpuS !== undefined);
	const latencies = slices.map(({ latency }) => latency);
	return {
		requestsPerSecond: requests / sum(({ seconds }) => seconds),
		cpuUs: (sum(({ cpuS }) => cpuS) * 1e6) / requests,
		...(usesRedis && { redisCpuUs: (sum(({ redisCpuS = 0 }) => redisCpuS) * 1e6) / requests }),
		p50Ms: spreadOf(latencies.map(({ p50 }) => p50)).median,
		p99Ms: spreadOf(latencies.map(({ p99 }) => p99)).median,
		maxMs: Math.max(...latencies.map(({ max }) => max)),
		bytesPerAnswer: sum(({ bytes }) => bytes) / requests,
	};
}

function shuffled<T>(items: readonly T[], random: { integer(low: number, high: number): number }): T[] {
	const order = [...items];
	for (let i = order.length - 1; i > 0; i -= 1) {
		const j = random.integer(0, i);
		[order[i], order[j]] = [order[j] as T, order[i] as T];
	}
	return order;
}
