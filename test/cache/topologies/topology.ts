import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { RedisAddress } from "../../../src/cache/redis.ts";
import { eventually } from "../support/eventually.ts";
import type { TestRedis } from "../support/redis.ts";
import { createTestCluster } from "../support/redis-cluster.ts";
import { createTestSentinel } from "../support/redis-sentinel.ts";

/** Several servers of which one can take another's place, started from the files of `deploy/redis`. */
export interface Topology {
	readonly address: RedisAddress;
	readonly servers: readonly TestRedis[];
	/** Where the key is written now. */
	primaryOf(key: string): Promise<TestRedis>;
	/** Hands over to a replica, all being well. */
	handOver(key: string): Promise<void>;
	stop(): Promise<void>;
}

const NOWHERE = { host: "127.0.0.1", port: 1 };
const FILES = join(import.meta.dir, "../../../deploy/redis");

export async function sentinelTopology(): Promise<Topology> {
	const text = readFileSync(join(FILES, "sentinel.conf"), "utf8");
	const set = await createTestSentinel({
		replicas: 2,
		sentinels: 3,
		file: join(FILES, "sentinel-node.conf"),
		sentinelConfiguration: (port) => ({
			name: "retyn",
			text: text.replace(
				"sentinel monitor retyn retyn-redis-1 6379 2",
				`sentinel monitor retyn 127.0.0.1 ${port} 2`,
			),
		}),
	});
	const servers = [set.primary, ...set.replicas];
	const nodes = set.ports.map((port) => ({ host: "127.0.0.1", port }));
	return {
		address: { ...NOWHERE, sentinel: { nodes, primary: set.name } },
		servers,
		primaryOf: () => withRole(servers, "master"),
		async handOver() {
			await using(set.ports[0] ?? 0, (sentinel) => sentinel.call("SENTINEL", "FAILOVER", set.name));
		},
		stop: set.stop,
	};
}

export async function clusterTopology(): Promise<Topology> {
	const cluster = await createTestCluster({ replicas: true, file: join(FILES, "cluster-node.conf") });

	async function primaryOf(key: string): Promise<TestRedis> {
		const ask = cluster.admins.find(({ status }) => status === "ready") as Redis;
		const slot = await ask.cluster("KEYSLOT", key);
		for (const [from, to, [, port]] of (await ask.cluster("SLOTS")) as unknown as [
			number,
			number,
			[string, number],
		][]) {
			if (slot < from || slot > to) continue;
			return cluster.servers.find((server) => server.port === port) as TestRedis;
		}
		throw new Error(`nobody has the slot of ${key}`);
	}

	return {
		address: { ...NOWHERE, cluster: cluster.ports.map((port) => ({ host: "127.0.0.1", port })) },
		servers: cluster.servers,
		primaryOf,
		async handOver(key) {
			const { port } = await primaryOf(key);
			const id = await using(port, (client) => client.cluster("MYID"));
			for (const { port: other } of cluster.servers) {
				const line = await using(other, async (client) => String(await client.cluster("NODES")));
				if (line.split("\n").some((node) => node.includes("myself,slave") && node.includes(String(id)))) {
					await using(other, (client) => client.cluster("FAILOVER"));
					return;
				}
			}
			throw new Error("it has no replica");
		},
		stop: cluster.stop,
	};
}

/** Does something on a connection of its own. */
export async function using<T>(port: number, work: (client: Redis) => Promise<T>): Promise<T> {
	const client = new Redis({ port, lazyConnect: true, retryStrategy: null });
	client.on("error", () => {});
	try {
		await client.connect();
		return await work(client);
	} finally {
		client.disconnect();
	}
}

export function roleOf({ port }: TestRedis): Promise<string> {
	return using(port, async (client) => String(((await client.call("ROLE")) as unknown[])[0]));
}

/** From now on its replicas are told nothing, and cannot ask. Everybody else is served as before. */
export async function cutReplication({ port }: TestRedis): Promise<void> {
	await using(port, async (client) => {
		await client.acl("SETUSER", "default", "-psync", "-replconf");
		await eventually(async () => {
			await client.call("CLIENT", "KILL", "TYPE", "replica");
			return /connected_slaves:0/.test(await client.info("replication"));
		}, 20_000);
	});
}

/** How often a command named keys of several slots, on all servers together, since each was started. */
export async function crossedSlots(servers: readonly TestRedis[]): Promise<number> {
	const counts = servers.map(({ port }) =>
		using(port, async (client) =>
			Number(/errorstat_CROSSSLOT:count=(\d+)/.exec(await client.info("errorstats"))?.[1] ?? 0),
		),
	);
	return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
}

async function withRole(servers: readonly TestRedis[], role: string): Promise<TestRedis> {
	for (const server of servers) if (server.pid > 0 && (await roleOf(server)) === role) return server;
	throw new Error(`none is ${role}`);
}
