import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Redis } from "ioredis";
import { openRedisBackend, type RedisBackend } from "../../src/cache/redis.ts";
import type { Coordination } from "../../src/cache/store.ts";
import { bytes, textAt } from "./store-under-test.ts";
import { cleaner } from "./support/cleaner.ts";
import { eventually } from "./support/eventually.ts";
import { createTestCluster, type TestCluster } from "./support/redis-cluster.ts";

let cluster: TestCluster;
beforeAll(async () => {
	cluster = await createTestCluster();
}, 60_000);
afterAll(() => cluster.stop());

const cleanUp = cleaner();
afterEach(() => cleanUp.run());

async function connected(memoryBytes = 0): Promise<RedisBackend & { shared: Coordination }> {
	const nodes = cluster.ports.map((port) => ({ host: "127.0.0.1", port }));
	const backend = openRedisBackend({
		redis: { host: "127.0.0.1", port: 1, cluster: nodes },
		memoryBytes,
		clock: Date.now,
		deadlineMs: 1_000,
	});
	cleanUp.later(() => backend.close());
	await eventually(() => backend.connected && backend.bus.connected, 10_000);
	await eventually(() => backend.store.get("ready?"), 10_000);
	return Object.assign(backend, { shared: backend.store.coordination as Coordination });
}

/** The node whose connections of the bus are this many or more. */
async function busNodes(): Promise<number[]> {
	const numbers = cluster.admins.map(async (admin) => {
		const [, count] = (await admin.call("PUBSUB", "NUMSUB", "retyn:bus")) as [string, number];
		return Number(count);
	});
	return Promise.all(numbers);
}

test("42: on a cluster a purge counts on others, whichever nodes they listen to", async () => {
	const [a, ...others] = await Promise.all([connected(), connected(1_000_000), connected(1_000_000)]);
	await a?.store.set("k:told", bytes("x"), 60_000);
	for (const other of others) expect(await textAt(other.store, "k:told")).toBe("x");
	await a?.shared.evict("k:told");
	for (const { store } of others)
		await eventually(async () => expect(await store.get("k:told")).toBeUndefined());
});

test("43: on a cluster the bus moves on to another node when its own falls silent", async () => {
	const a = await connected(1_000_000);
	const at = (await busNodes()).findIndex((count) => count > 0);
	cluster.servers[at]?.freeze();
	cleanUp.later(() => cluster.servers[at]?.thaw());
	await eventually(() => !a.bus.connected, 5_000);
	// The others are asked, as the silent one would not answer.
	await eventually(() => a.bus.connected, 5_000);
	cluster.servers[at]?.thaw();
	// It finds out that it was left when it looks at its connections again.
	await eventually(async () => expect((await busNodes())[at]).toBe(0));
	await eventually(() => a.connected, 10_000);
});

test("43: a slot's new master, which missed a purge, is not believed, although no connection broke", async () => {
	const a = await connected();
	await a.store.set("k:missed", bytes("x"), 60_000);
	await a.shared.evict("k:missed");
	await moveWithoutTelling("k:missed");
	await eventually(async () => expect(await a.store.get("k:missed")).toBeUndefined(), 10_000);
	expect(await a.store.get("k:missed")).toBeUndefined();
});

test("43: what is read on a slot's new master before purges were made again there is not given", async () => {
	const a = await connected();
	await a.shared.evict("k:redirected");
	await moveWithoutTelling("k:redirected");
	const answers: (string | undefined)[] = [];
	for (let round = 0; round < 50; round += 1) {
		answers.push(await Promise.resolve(textAt(a.store, "k:redirected")).catch(() => "refused"));
	}
	expect(answers).not.toContain("stale");
	expect(answers).toContain("refused");
});

/** Gives a key's slot to another master, which has something under the key that was purged. */
async function moveWithoutTelling(key: string): Promise<void> {
	const [first] = cluster.admins as [Redis, ...Redis[]];
	const slot = await first.cluster("KEYSLOT", key);
	const ids = await Promise.all(cluster.admins.map((admin) => admin.cluster("MYID")));
	const owners = await Promise.all(
		cluster.admins.map(async (admin) =>
			admin.get(key).then(
				() => true,
				() => false,
			),
		),
	);
	const to = (owners.indexOf(true) + 1) % cluster.admins.length;
	for (const admin of [cluster.admins[to], ...cluster.admins] as Redis[]) {
		await admin.cluster("SETSLOT", slot, "NODE", String(ids[to]));
	}
	await cluster.admins[to]?.set(key, "stale", "PX", 60_000);
}
