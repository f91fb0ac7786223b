import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Ground } from "../system/ground.ts";

/** For how many seconds users ask in each phase. Starting a server again comes on top. */
export interface Schedule {
	readonly before: number;
	readonly redisDead: number;
	readonly between: number;
	readonly databaseDead: number;
	readonly after: number;
}

/** When it happened, milliseconds since the epoch; `Back` is when it took connections again. */
export interface FaultTimes {
	readonly begun: number;
	readonly redisLost: number;
	readonly redisBack: number;
	readonly databaseLost: number;
	readonly databaseBack: number;
	readonly over: number;
}

export interface Phase {
	readonly name: string;
	readonly from: number;
	readonly to: number;
}

/** After the database is back callers may be refused for 5 s; who asks no longer does not see whether that ends. */
const AFTER_S = 8;

/** Of a run of so many seconds: a third of it before anything happens, then a sixth for each, the last one long enough. */
export function scheduleFor(seconds: number): Schedule {
	const sixth = seconds / 6;
	const after = Math.max(sixth, AFTER_S);
	return { before: 2 * sixth, redisDead: sixth, between: sixth, databaseDead: sixth, after };
}

/**
 * As short as it can be. Between the faults there are more than the 5 s that an answer stays in a server's memory, so that
 * what is a hit by then is known to be in the Redis that came back.
 */
export const QUICK: Schedule = { before: 2, redisDead: 2, between: 8, databaseDead: 2, after: AFTER_S };

export function secondsOf(schedule: Schedule): number {
	return Object.values(schedule).reduce((sum, seconds) => sum + seconds, 0);
}

/** Loses Redis and PostgreSQL, one after the other, and brings them back. */
export async function letFaultsHappen(
	scope: Scope,
	{ redis, postgres }: Ground,
	schedule: Schedule,
): Promise<FaultTimes> {
	const pass = (seconds: number) => scope.race(Bun.sleep(seconds * 1000));
	const begun = now();
	await pass(schedule.before);
	const redisLost = now();
	await redis.kill();
	await pass(schedule.redisDead);
	await redis.start();
	const redisBack = now();
	await pass(schedule.between);
	const databaseLost = now();
	await postgres.kill();
	await pass(schedule.databaseDead);
	await postgres.start();
	const databaseBack = now();
	await pass(schedule.after);
	return { begun, redisLost, redisBack, databaseLost, databaseBack, over: now() };
}

export function phasesOf(times: FaultTimes): Phase[] {
	const { begun, redisLost, redisBack, databaseLost, databaseBack, over } = times;
	return [
		{ name: "before", from: begun, to: redisLost },
		{ name: "Redis dead", from: redisLost, to: redisBack },
		{ name: "Redis back, empty", from: redisBack, to: databaseLost },
		{ name: "database dead", from: databaseLost, to: databaseBack },
		{ name: "database back", from: databaseBack, to: over },
	];
}

/** As the generator's clock tells it. */
export function now(): number {
	return performance.timeOrigin + performance.now();
}
