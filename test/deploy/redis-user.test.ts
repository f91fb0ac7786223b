import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { failureCause } from "../../src/cache/failure.ts";
import { connectRedis, openRedisBackend, type RedisAddress } from "../../src/cache/redis.ts";
import type { Coordination, Inspection } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { storeConformance } from "../cache/conformance.ts";
import { bytes, textAt } from "../cache/store-under-test.ts";
import { cleaner } from "../cache/support/cleaner.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestRedis, type TestRedis } from "../cache/support/redis.ts";
import { namesIn } from "../cache/support/walk.ts";

const PASSWORD = "made up for this test";
const RULES = readFileSync(join(import.meta.dir, "../../deploy/redis/users.acl"), "utf8")
	.trim()
	.replace("user retyn ", "")
	.replace(">REPLACE_ME ", "")
	.split(" ");

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

/** A server that knows the user of `deploy/redis/users.acl`. */
async function withUser(...more: string[]): Promise<{ redis: TestRedis; address: RedisAddress }> {
	const redis = await createTestRedis();
	const admin = new Redis(redis.port);
	await admin.acl("SETUSER", "retyn", `>${PASSWORD}`, ...RULES, ...more);
	// Nobody else may do anything but say hello.
	await admin.acl("SETUSER", "default", "-@all", "+hello", "+auth");
	admin.disconnect();
	return { redis, address: { host: "127.0.0.1", port: redis.port, username: "retyn", password: PASSWORD } };
}

function open(address: RedisAddress) {
	const backend = openRedisBackend({
		redis: address,
		memoryBytes: 1024 * 1024,
		clock: Date.now,
		deadlineMs: 1_000,
	});
	cleanUp.later(() => backend.close());
	return backend;
}

// The suite has keys of its own.
storeConformance("redis as a user with few rights", async () => {
	const { redis, address } = await withUser("~*");
	const client = connectRedis(address);
	await eventually(() => client.status === "ready");
	return {
		store: createRedisStore({ client, withRemaining: true }),
		pass: (ms) => Bun.sleep(ms),
		loseMark: async (tag) => void (await client.del(`tag:${tag}`)),
		async close() {
			client.disconnect();
			await redis.stop();
		},
	};
});

describe("a user with no more rights than deploy/redis/users.acl gives", () => {
	test("is enough for everything that instances do", async () => {
		const { redis, address } = await withUser();
		cleanUp.later(() => redis.stop());
		const [one, two] = [open(address), open(address)];
		await eventually(() => one.bus.connected && two.bus.connected);
		const shared = one.store.coordination as Coordination;
		await eventually(() => one.store.get("areas:ready"));
		for (const key of ["areas:a", "prop_types:a", "valuation:a", "analytics:a"]) {
			const [mark = ""] = await shared.generations(["area:1"]);
			expect((await shared.acquire(key, "token", 1_000)).state).toBe("won");
			const held = { token: "token", generations: { "area:1": mark } };
			expect(await shared.commit(key, bytes("x"), 60_000, held)).toBe("stored");
			expect(await textAt(two.store, key)).toBe("x");
		}
		await shared.acquire("areas:b", "token", 1_000);
		await shared.release("areas:b", "token", { status: 500, failures: 1, retryInMs: 10 });
		await shared.invalidate(["area:1"], "expire");
		await shared.invalidate(["area:1"], "purge");
		await shared.evict("areas:a");
		await eventually(async () => expect(await two.store.get("areas:a")).toBeUndefined());
		expect(await namesIn(one.store.inspection as Inspection, "areas:")).toEqual([]);
		expect((await one.store.inspection?.peek(["valuation:a"], 1))?.[0]?.bytes).toBe(1);
		expect((await one.store.inspection?.usage())?.entries).toBeGreaterThan(0);
		await one.counter("valuations").add(new Map([["v", 1]]));
		expect(await two.counter("valuations").top(1)).toEqual(["v"]);
		expect(await one.allowance("misses", { perMinute: 60 }).take("somebody")).toBe(0);
		await one.store.set("areas:c", bytes("x"), 1_000);
		expect(await one.store.delete("areas:c")).toBe(true);
	});

	test("is not enough for other keys, channels and commands", async () => {
		const { redis, address } = await withUser();
		cleanUp.later(() => redis.stop());
		const client = connectRedis(address);
		cleanUp.later(() => client.disconnect());
		await eventually(() => client.status === "ready");
		for (const call of [
			client.get("other:key"),
			client.publish("other", "x"),
			client.flushall(),
			client.keys("*"),
			client.config("GET", "*"),
			client.acl("LIST"),
		]) {
			expect(await call.then(() => "allowed", failureCause)).toBe("no-auth");
		}
	});
});
