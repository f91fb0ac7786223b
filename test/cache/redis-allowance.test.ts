import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Cluster, type Redis } from "ioredis";
import { connectRedis } from "../../src/cache/redis.ts";
import { type AllowanceOptions, createRedisAllowance } from "../../src/cache/redis-allowance.ts";
import { eventually } from "./support/eventually.ts";
import { createTestRedis, type TestRedis } from "./support/redis.ts";
import { createTestCluster, type TestCluster } from "./support/redis-cluster.ts";

let redis: TestRedis;
let client: Redis;
let cluster: TestCluster;
let clusterClient: Cluster;
let names = 0;

beforeAll(async () => {
	[redis, cluster] = await Promise.all([createTestRedis(), createTestCluster()]);
	client = connectRedis({ host: "127.0.0.1", port: redis.port });
	const nodes = cluster.ports.map((port) => ({ host: "127.0.0.1", port }));
	clusterClient = new Cluster(nodes, { redisOptions: { disconnectTimeout: 100 } });
	clusterClient.on("error", () => {});
	await eventually(() => client.status === "ready" && clusterClient.status === "ready");
}, 30_000);
afterAll(async () => {
	client.disconnect();
	clusterClient.disconnect();
	await Promise.all([redis.stop(), cluster.stop()]);
});

function allowance(
	options: AllowanceOptions & { client?: Redis | Cluster; name?: string; deadlineMs?: number },
) {
	names += 1;
	return createRedisAllowance({ client, name: `allowance-${names}`, deadlineMs: 1_000, ...options });
}

async function takeMany(take: (key: string) => Promise<number>, key: string, times: number): Promise<number> {
	const waits = await Promise.all(Array.from({ length: times }, () => take(key)));
	return waits.filter((waitMs) => waitMs === 0).length;
}

describe("an allowance in Redis", () => {
	test("gives the burst at once, and then says how long to wait", async () => {
		const { take } = allowance({ perMinute: 5 });
		expect(await takeMany(take, "a", 9)).toBe(5);
		expect(await take("a")).toBeWithin(10_000, 12_001);
	});

	test("is kept together by all who take under its name, each key by itself", async () => {
		const [first, second] = [1, 2].map(() => allowance({ perMinute: 6, name: "together" }));
		const taken = await Promise.all([
			takeMany(first?.take as never, "a", 5),
			takeMany(second?.take as never, "a", 5),
		]);
		expect(taken.reduce((sum, count) => sum + count)).toBe(6);
		expect(await second?.take("b")).toBe(0);
	});

	test("gives one more when the time that it named is over", async () => {
		const { take } = allowance({ perMinute: 6_000, burst: 1 });
		expect(await take("a")).toBe(0);
		const waitMs = await take("a");
		if (waitMs > 0) expect(waitMs).toBeLessThanOrEqual(10);
		await eventually(async () => expect(await take("a")).toBe(0), 1_000);
	});

	test("leaves nothing behind, and nobody's name in Redis", async () => {
		const { take } = allowance({ perMinute: 600, burst: 2, name: "passing" });
		await take("somebody@example.com");
		const keys = await client.keys("state:allowance:passing:*");
		expect(keys).toHaveLength(1);
		expect(keys[0]).not.toContain("somebody");
		expect(await client.pttl(keys[0] as string)).toBeLessThanOrEqual(100);
		await eventually(async () => (await client.keys("state:allowance:passing:*")).length === 0, 2_000);
	});

	test("does not lock anybody out when the server's clock was set back", async () => {
		const { take } = allowance({ perMinute: 60, burst: 3, name: "set-back" });
		await take("a");
		const [key = ""] = await client.keys("state:allowance:set-back:*");
		await client.set(key, String(Date.now() + 3_600_000), "PX", 60_000);
		expect(await take("a")).toBeWithin(1, 1_001);
	});

	test("45: asks each key of a cluster where it is", async () => {
		const { take } = allowance({ perMinute: 2, client: clusterClient });
		for (let index = 0; index < 20; index += 1) expect(await takeMany(take, `k${index}`, 3)).toBe(2);
		expect(await cluster.errors()).not.toHaveProperty("CROSSSLOT");
	});

	test("36: fails within its deadline while Redis is frozen, and soon at once", async () => {
		const { take } = allowance({ perMinute: 60, deadlineMs: 50 });
		redis.freeze();
		try {
			const begun = performance.now();
			for (let index = 0; index < 100; index += 1) await expect(take("a")).rejects.toThrow();
			// Five wait for the deadline, the rest does not.
			expect(performance.now() - begun).toBeLessThan(1_500);
		} finally {
			redis.thaw();
		}
		await eventually(async () => (await take("b")) === 0, 5_000);
	});

	test("refuses nonsense when it is made", () => {
		expect(() => allowance({ perMinute: 0 })).toThrow(TypeError);
		expect(() => allowance({ perMinute: 1, burst: 0.5 })).toThrow(TypeError);
		expect(() => allowance({ perMinute: 1, name: "Not a name" })).toThrow(TypeError);
	});
});
