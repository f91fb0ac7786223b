import { Redis } from "ioredis";
import { eventually } from "./eventually.ts";
import { createTestRedis, type TestRedis } from "./redis.ts";

/** A real Redis Cluster of three masters, which share the slots evenly. */
export interface TestCluster {
	/** Of all nodes, the first masters first. */
	readonly ports: readonly number[];
	/** In the same order; those of replicas behind. */
	readonly servers: readonly TestRedis[];
	/** A connection to each. */
	readonly admins: readonly Redis[];
	/** Sums of INFO's error counters over the nodes, by the first word of the reply. */
	errors(): Promise<Record<string, number>>;
	/** How often each command was carried out, over all nodes. */
	calls(): Promise<Record<string, number>>;
	resetCounts(): Promise<void>;
	stop(): Promise<void>;
}

/** The last slot of each master. */
const LAST_SLOTS = [5_460, 10_922, 16_383];

export interface TestClusterOptions {
	/** A replica for each master, in step with it. */
	replicas?: boolean;
	/** A file of configuration for each node. */
	file?: string;
}

export async function createTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
	const args = [
		"--cluster-enabled",
		"yes",
		"--cluster-node-timeout",
		"2000",
		"--repl-diskless-sync-delay",
		"0",
	];
	const servers: TestRedis[] = [];
	const count = LAST_SLOTS.length * (options.replicas ? 2 : 1);
	while (servers.length < count) servers.push(await createTestRedis({ args, file: options.file }));
	const admins = servers.map(({ port }) => new Redis(port, { retryStrategy: () => 100 }));
	for (const admin of admins) admin.on("error", () => {});

	for (const [index, admin] of admins.slice(0, LAST_SLOTS.length).entries()) {
		await admin.cluster("SET-CONFIG-EPOCH", index + 1);
		await admin.call("CLUSTER", "ADDSLOTSRANGE", (LAST_SLOTS[index - 1] ?? -1) + 1, LAST_SLOTS[index] ?? 0);
	}
	await eventually(() => becomeOne(admins, servers[0]?.port ?? 0), 20_000);
	await Promise.all(
		admins.slice(LAST_SLOTS.length).map((admin, index) => follow(admin, admins[index] as Redis)),
	);

	async function sums(section: string, line: RegExp): Promise<Record<string, number>> {
		const total: Record<string, number> = {};
		for (const admin of admins.filter(({ status }) => status === "ready")) {
			for (const [, name, count] of (await admin.info(section)).matchAll(line)) {
				total[name as string] = (total[name as string] ?? 0) + Number(count);
			}
		}
		return total;
	}

	return {
		ports: servers.map(({ port }) => port),
		servers,
		admins,
		errors: () => sums("errorstats", /^errorstat_([A-Z]+):count=(\d+)/gm),
		calls: () => sums("commandstats", /^cmdstat_([a-z]+):calls=(\d+)/gm),
		async resetCounts() {
			await Promise.all(admins.map((admin) => admin.config("RESETSTAT")));
		},
		async stop() {
			for (const admin of admins) admin.disconnect();
			await Promise.all(servers.map((server) => server.stop()));
		},
	};
}

/** Whether all nodes know each other. A node forgets a handshake that a busy machine did not finish in time: it is asked anew. */
async function becomeOne(admins: Redis[], firstPort: number): Promise<boolean> {
	for (const admin of admins.slice(1)) await admin.cluster("MEET", "127.0.0.1", firstPort);
	for (let look = 0; look < 100; look += 1) {
		const states = await Promise.all(admins.map((admin) => admin.cluster("INFO")));
		if (
			states.every(
				(state) => /cluster_state:ok/.test(state) && state.includes(`cluster_known_nodes:${admins.length}`),
			)
		)
			return true;
		await Bun.sleep(20);
	}
	return false;
}

/** Makes one node the replica of another; resolves when it is in step. */
async function follow(replica: Redis, master: Redis): Promise<void> {
	const id = String(await master.cluster("MYID"));
	await eventually(() => replica.cluster("REPLICATE", id), 20_000);
	await eventually(async () => /master_link_status:up/.test(await replica.info("replication")), 20_000);
}
