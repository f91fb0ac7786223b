import type { Slice } from "./slices.ts";

/** What a number of instances can carry where each part has the cores that it can use, reckoned from measured costs. */
export interface Reckoned {
	readonly instances: number;
	/** Requests a second: what all instances' threads can do, or the one of Redis where that is less. */
	readonly requestsPerSecond: number;
	readonly limit: "instances" | "Redis";
	/** Cores that are busy at that rate. */
	readonly redisCores: number;
	readonly nginxCores: number;
	readonly postgresCores: number;
	/** That the instances may hold, with `DATABASE_POOL` at its default and the four beside it that docs/postgresql.md tells of. */
	readonly connections: number;
}

const POOL = 10;
const BESIDE_POOL = 4;
const MICROSECONDS = 1e6;

/**
 * One instance runs JavaScript on one thread, and Redis answers on one, so neither can use more than a core. nginx and
 * PostgreSQL use as many as they are given.
 */
export function reckon(cpuUs: Slice["cpuUs"], instances: number): Reckoned {
	const byInstances = (instances * MICROSECONDS) / cpuUs.instances;
	const byRedis = cpuUs.Redis > 0 ? MICROSECONDS / cpuUs.Redis : Number.POSITIVE_INFINITY;
	const requestsPerSecond = Math.min(byInstances, byRedis);
	const cores = (us: number) => (requestsPerSecond * us) / MICROSECONDS;
	return {
		instances,
		requestsPerSecond,
		limit: byRedis < byInstances ? "Redis" : "instances",
		redisCores: cores(cpuUs.Redis),
		nginxCores: cores(cpuUs.nginx),
		postgresCores: cores(cpuUs.PostgreSQL),
		connections: instances * (POOL + BESIDE_POOL),
	};
}
