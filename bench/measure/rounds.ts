import { createRandom } from "../../src/lib/random.ts";
import { checkAnswers, checkLoad, type Seen } from "./check.ts";
import type { Load } from "./load.ts";
import { usageOf } from "./processes.ts";
import type { Target } from "./request.ts";

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
	readonly seconds: number;
	readonly seed: number;
	onRound?(round: number): void;
}

/** Before the first round each case runs for this long, so that what is compiled while running is. */
const WARM_UP_S = 2;

/**
 * Every case once in each round, in an order that is drawn anew for each: whatever the machine does meanwhile, it does
 * to all. Answers are checked before and after.
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
		for (const one of shuffled(cases, random)) {
			const measured = await measure(load, one, options.seconds, seen.get(one.name));
			results.get(one.name)?.set(round, measured);
		}
	}
	for (const one of cases) await checkAnswers(one.name, one);
	return results;
}

async function measure(
	load: Load,
	one: Measurable,
	seconds: number,
	seen: Seen | undefined,
): Promise<Measured> {
	const before = usageOf(one.pid);
	const redisBefore = one.redisPid === undefined ? undefined : usageOf(one.redisPid);
	const result = await load.run(one, { seconds, connections: one.connections });
	const perRequest = (cpuS: number) => (cpuS * 1e6) / result.requests;
	const cpuUs = perRequest(usageOf(one.pid).cpuS - before.cpuS);
	const redisCpuUs =
		redisBefore && one.redisPid !== undefined
			? perRequest(usageOf(one.redisPid).cpuS - redisBefore.cpuS)
			: undefined;
	if (seen) checkLoad(one.name, result, seen);
	return {
		requestsPerSecond: result.requests / result.seconds,
		cpuUs,
		...(redisCpuUs !== undefined && { redisCpuUs }),
		p50Ms: result.latency.p50,
		p99Ms: result.latency.p99,
		maxMs: result.latency.max,
		bytesPerAnswer: result.bytes / result.requests,
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
