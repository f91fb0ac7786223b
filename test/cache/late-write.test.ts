import { afterEach, expect, test } from "bun:test";
import { Redis } from "ioredis";
import { openRedisBackend } from "../../src/cache/redis.ts";
import { cleaner } from "./support/cleaner.ts";
import { createTestClock } from "./support/clock.ts";
import { createTestEngine, text } from "./support/engine.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis } from "./support/redis.ts";

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

/** A fill whose write goes out while Redis is frozen; how many entries there are once Redis goes on. */
async function writeWhileFrozen(lease: number, beforeThaw: () => Promise<unknown>): Promise<number> {
	const redis = await createTestRedis();
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: redis.port },
		memoryBytes: 0,
		clock: createTestClock(),
		deadlineMs: 150,
	});
	const watcher = new Redis(redis.port, "127.0.0.1");
	cleanUp.later(
		() => redis.stop(),
		() => backend.close(),
		() => watcher.disconnect(),
	);
	const engine = createTestEngine({ store: backend.store, policy: { timeout: 0.2, lease } });
	await eventually(async () => {
		await engine.store.get("things:warm");
	});
	engine.does(async () => {
		redis.freeze();
		return text("late");
	});
	expect(await engine.tell()).toBe("miss late");
	expect(engine.events).toContainEqual(
		expect.objectContaining({ type: "store-failed", operation: "write", cause: "timeout" }),
	);
	await beforeThaw();
	redis.thaw();
	// In this order: the lease, the write that was stuck, and the lease given back, once or more.
	await eventually(async () => expect(scriptsRun(await watcher.info("commandstats"))).toBeGreaterThan(2));
	return (await watcher.keys("things:*")).length;
}

function scriptsRun(commandStats: string): number {
	const calls = [...commandStats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
	return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}

test("25: a write that was stuck in a frozen Redis is refused when it lands after its lease", async () => {
	const stored = await writeWhileFrozen(0.3, () => Bun.sleep(400));
	expect(stored).toBe(0);
});

test("25: while its lease still holds, such a write is still wanted", async () => {
	const stored = await writeWhileFrozen(5, async () => {});
	expect(stored).toBe(1);
});
