import { type BenchRedis, startRedis } from "../../bench/measure/redis.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";

/** As compose starts it: bounded, and what is least used goes first. */
export async function startBoundedRedis(scope: Scope, maxMemory: string): Promise<BenchRedis> {
	const redis = await startRedis(scope);
	const bound = () => redis.client.config("SET", "maxmemory", maxMemory, "maxmemory-policy", "allkeys-lru");
	await bound();
	return {
		port: redis.port,
		get pid() {
			return redis.pid;
		},
		client: redis.client,
		freeze: redis.freeze,
		thaw: redis.thaw,
		kill: redis.kill,
		async start() {
			await redis.start();
			await bound();
		},
	};
}
