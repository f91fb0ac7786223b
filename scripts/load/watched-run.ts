import { begunAt } from "../../bench/market/mix-order.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import type { Fleet } from "../system/fleet.ts";
import type { Ground } from "../system/ground.ts";
import { type UsageSample, watchUsage } from "../system/usage.ts";
import { type Crowd, SEED } from "./crowd.ts";
import { type Asked, askedOf } from "./records.ts";
import { runUsers } from "./run-users.ts";

export interface System {
	readonly ground: Ground;
	readonly fleet: Fleet;
	readonly crowd: Crowd;
	/** How many requests of the crowd's order others have had. @default 0 */
	readonly first?: number;
}

export interface WatchedRun<T> {
	/** What the work gave. */
	readonly result: T;
	readonly asked: readonly Asked[];
	readonly usage: ReadonlyMap<string, readonly UsageSample[]>;
	/** How much later than wanted the generator sent, p99, milliseconds. */
	readonly lateMs: number;
}

/** Lets all users ask through nginx for as long as the work takes, and watches what all processes use meanwhile. */
export async function watchedRun<T>(
	scope: Scope,
	{ ground, fleet, crowd, first = 0 }: System,
	work: () => Promise<T>,
): Promise<WatchedRun<T>> {
	const running = await runUsers(scope, {
		port: fleet.nginx.port,
		asks: crowd.asks,
		order: begunAt(crowd.order, first),
		users: crowd.users.map(({ headers }) => headers),
		everyMs: crowd.everyMs,
		seed: SEED,
	});
	const watch = watchUsage(
		() =>
			new Map([
				...fleet.instances.map(({ name, pid }) => [name, pid] as const),
				["nginx", fleet.nginx.pid],
				["Redis", ground.redis.pid],
				["PostgreSQL", ground.postgres.pid],
				["generator", running.pid],
			]),
	);
	const result = await work();
	const usage = watch.stop();
	const { columns, lateMs } = await running.stop();
	return { result, asked: askedOf(columns), usage, lateMs };
}
