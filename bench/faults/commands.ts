import type { BenchRedis } from "../measure/redis.ts";

/** Tells how many commands of others the Redis has executed, those within scripts included. */
export type CommandCount = () => Promise<number>;

export function countCommands({ client }: BenchRedis): CommandCount {
	let own = 0;
	return async () => {
		const stats = await client.info("stats");
		const all = Number(/^total_commands_processed:(\d+)/m.exec(stats)?.[1]);
		// The question counts only once it is answered.
		const others = all - own;
		own += 1;
		return others;
	};
}

const ASK_EVERY_MS = 50;
const IS_QUIET_AFTER_MS = 300;

/** The count after which none is executed for a while; or the one at the end of the time given, milliseconds. */
export async function countWhenQuiet(count: CommandCount, withinMs: number): Promise<number> {
	const end = performance.now() + withinMs;
	let executed = await count();
	let changedAt = performance.now();
	while (performance.now() < Math.min(end, changedAt + IS_QUIET_AFTER_MS)) {
		await Bun.sleep(ASK_EVERY_MS);
		const now = await count();
		if (now !== executed) changedAt = performance.now();
		executed = now;
	}
	return executed;
}
