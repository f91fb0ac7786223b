import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { Cluster } from "ioredis";
import { failureCause } from "../../src/cache/failure.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { createRedisStore } from "../../src/cache/stores/redis.ts";
import { compareMarks } from "../../src/cache/tags.ts";
import { storeConformance } from "./conformance.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";
import { freePort } from "./support/ports.ts";
import { createTestCluster, type TestCluster } from "./support/redis-cluster.ts";
import { namesIn, pagesOf } from "./support/walk.ts";

type Coordinated = CacheStore & Required<Pick<CacheStore, "coordination">>;
type Inspected = CacheStore & Required<Pick<CacheStore, "inspection">>;

let cluster: TestCluster;
let client: Cluster;
beforeAll(async () => {
	cluster = await createTestCluster();
	client = new Cluster(
		cluster.ports.map((port) => ({ host: "127.0.0.1", port })),
		{ redisOptions: { commandTimeout: 1_000, disconnectTimeout: 100 } },
	);
	client.on("error", () => {});
	await eventually(() => client.status === "ready");
}, 30_000);
afterAll(async () => {
	client.disconnect();
	await cluster.stop();
});

storeConformance("redis cluster", async () => ({
	store: createRedisStore({ client, withRemaining: true }),
	pass: (ms) => Bun.sleep(ms),
	loseMark: async (tag) => void (await client.del(`tag:${tag}`)),
}));

describe("on a cluster", () => {
	test("38: nodes that are all out of reach count as a lost connection", async () => {
		const nowhere = [{ host: "127.0.0.1", port: await freePort() }];
		const lost = new Cluster(nowhere, { enableOfflineQueue: false, clusterRetryStrategy: () => 50 });
		lost.on("error", () => {});
		const store = createRedisStore({ client: lost });
		const causes = new Set<string>();
		for (let round = 0; round < 5; round += 1) {
			causes.add(await causeOf(store.get("k")));
			await Bun.sleep(20);
		}
		lost.disconnect();
		expect([...causes]).toEqual(["connection"]);
	});

	test("38: something of another type under the key is nothing, and is made room for", async () => {
		const store = createRedisStore({ client, withRemaining: true }) as Coordinated;
		const { coordination } = store;
		await client.lpush("of-another-type", "one", "two");
		expect(await store.get("of-another-type")).toBeUndefined();
		expect(await causeOf(coordination.acquire("of-another-type", "token", 1_000))).toBe("wrong-type");
		expect((await coordination.acquire("of-another-type", "token", 60_000)).state).toBe("won");
		await coordination.commit("of-another-type", bytes("mended"), 60_000, {
			token: "token",
			generations: {},
		});
		expect(await textAt(store, "of-another-type")).toBe("mended");
	});

	test("45: nothing asks for keys of several slots at once", async () => {
		const store = createRedisStore({ client, withRemaining: true }) as Coordinated;
		const { coordination } = store;
		await cluster.resetCounts();
		for (let index = 0; index < 50; index += 1) {
			const [key, tags] = [`k:${index}`, [`a-${index}`, `b-${index}`, "*"]];
			const [, marks] = await Promise.all([store.get(key), coordination.generations(tags)]);
			const generations = Object.fromEntries(tags.map((tag, at) => [tag, marks[at] as string]));
			await coordination.acquire(key, "token", 10_000);
			const held = { token: "token", generations };
			expect(await coordination.commit(key, bytes("x"), 10_000, held)).toBe("stored");
			await coordination.invalidate(tags, index % 2 ? "purge" : "expire");
			await coordination.evict(key);
			await coordination.acquire(key, "token", 10_000);
			await coordination.release(key, "token", { status: 500, failures: 1, retryInMs: 10 });
		}
		expect(await cluster.errors()).not.toHaveProperty("CROSSSLOT");
	});

	test("all masters are looked through, and a list goes on where it was when one of them has left", async () => {
		const { inspection, ...store } = createRedisStore({ client }) as Inspected;
		const keys = Array.from({ length: 90 }, (_, index) => `walk:${index}`);
		await Promise.all(keys.map((key) => store.set(key, bytes(key), 60_000)));
		await cluster.resetCounts();
		expect(await namesIn(inspection, "walk:", 10)).toEqual(keys.sort());
		const left = await pagesOf(inspection, "walk:", 1_000, "0.0.0.0:1/7");
		expect([...new Set(left.flat())].sort()).toEqual(keys);
		expect(await inspection.list("walk:", { cursor: "~/0", limit: 1_000 })).toEqual({ keys: [] });
		const found = await inspection.peek(keys, 4);
		expect(found.map((peeked) => Buffer.from(peeked?.head ?? []).toString())).toEqual(keys.map(() => "walk"));
		expect(await cluster.errors()).not.toHaveProperty("CROSSSLOT");
		expect(await cluster.errors()).not.toHaveProperty("MOVED");
	});

	test("what it holds is the sum over its masters", async () => {
		const { inspection } = createRedisStore({ client }) as Inspected;
		const sizes = await Promise.all(client.nodes("master").map((node) => node.dbsize()));
		expect(sizes).toHaveLength(3);
		expect(await inspection.usage()).toMatchObject({
			entries: sizes.reduce((total, size) => total + size, 0),
			evictions: 0,
		});
	});

	test("38: that has not been reached cannot be looked into", async () => {
		const nowhere = [{ host: "127.0.0.1", port: await freePort() }];
		const lost = new Cluster(nowhere, { enableOfflineQueue: false, clusterRetryStrategy: () => 50 });
		lost.on("error", () => {});
		const { inspection } = createRedisStore({ client: lost }) as Inspected;
		const asked = [inspection.list("", { limit: 1 }), inspection.peek(["k"], 1), inspection.usage()];
		expect(await Promise.all(asked.map(causeOf))).toEqual(["connection", "connection", "connection"]);
		lost.disconnect();
	});

	test("45: an entry and the marks of its tags are asked for together, without a second round trip", async () => {
		const store = createRedisStore({ client }) as Coordinated;
		const tags = ["a", "b", "c", "*"];
		await store.set("k:together", bytes("x"), 10_000);
		await store.coordination.generations(tags);
		await cluster.resetCounts();
		const sent = spyOn(client, "getBuffer");
		const read = Promise.all([store.get("k:together"), store.coordination.generations(tags)]);
		await new Promise((resolve) => setImmediate(resolve));
		expect(sent.mock.calls.map(([key]) => String(key))).toEqual([
			"k:together",
			...tags.map((tag) => `tag:${tag}`),
		]);
		sent.mockRestore();
		expect((await read)[1].length).toBe(4);
		expect(await cluster.calls()).toMatchObject({ get: 5 });
	});

	test("42: a tag purged between the comparison and the write leaves an entry that says so itself", async () => {
		const { coordination, ...store } = createRedisStore({ client }) as Coordinated;
		const [captured] = await coordination.generations(["late"]);
		await coordination.acquire("k:late", "token", 10_000);
		const compared = spyOn(client, "getex").mockImplementationOnce((async () => captured) as never);
		await coordination.invalidate(["late"], "purge");
		const held = { token: "token", generations: { late: captured as string } };
		expect(await coordination.commit("k:late", bytes("x"), 10_000, held)).toBe("stored");
		compared.mockRestore();
		expect(await store.get("k:late")).toBeDefined();
		const [current] = await coordination.generations(["late"]);
		expect(compareMarks(captured, current as string)).toBe("purged");
	});
});

async function causeOf(call: unknown): Promise<string> {
	return Promise.resolve(call).then(
		() => "none, it succeeded",
		(error: unknown) => failureCause(error),
	);
}
