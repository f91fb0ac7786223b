import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { createTestRedis, type TestRedis } from "./redis.ts";

/** A primary, replicas that are in step with it, and sentinels of which two decide, or the only one. */
export interface TestSentinel {
	/** Name of the primary, as clients ask the sentinel for it. */
	readonly name: string;
	/** Ports of the sentinels. */
	readonly ports: readonly number[];
	readonly primary: TestRedis;
	readonly replicas: readonly TestRedis[];
	stop(): Promise<void>;
}

const NAME = "primary";

export interface TestSentinelOptions {
	/** @default 1 */
	replicas?: number;
	/** @default 1 */
	sentinels?: number;
	/** A file of configuration for the primary and the replicas. */
	file?: string;
	/** Further arguments for them. */
	args?: readonly string[];
	/** As whom replicas can be asked whether they are in step. */
	login?: { username: string; password: string };
	/** The text of a sentinel's file, instead of one that is in a hurry. */
	sentinelConfiguration?: (primaryPort: number) => { name: string; text: string };
}

export async function createTestSentinel(options: TestSentinelOptions = {}): Promise<TestSentinel> {
	const { replicas: replicaCount = 1, sentinels: sentinelCount = 1, file } = options;
	const args = ["--repl-diskless-sync-delay", "0", ...(options.args ?? [])];
	const primary = await createTestRedis({ file, args });
	const replicas: TestRedis[] = [];
	while (replicas.length < replicaCount) {
		replicas.push(
			await createTestRedis({ file, args: [...args, "--replicaof", "127.0.0.1", String(primary.port)] }),
		);
	}
	// Without a first copy a replica would never be promoted.
	for (const { port } of replicas) {
		await asking(
			port,
			(client) =>
				eventually(async () => /master_link_status:up/.test(await client.info("replication")), 20_000),
			options.login,
		);
	}
	const { name, text } = options.sentinelConfiguration?.(primary.port) ?? hasty(primary.port, sentinelCount);
	const sentinels: { port: number; stop(): Promise<void> }[] = [];
	while (sentinels.length < sentinelCount) sentinels.push(await startSentinel(name, text));
	for (const { port } of sentinels)
		await asking(port, (client) => untilItKnows(client, name, replicaCount, sentinelCount));
	return {
		name,
		ports: sentinels.map(({ port }) => port),
		primary,
		replicas,
		async stop() {
			await Promise.all(sentinels.map((sentinel) => sentinel.stop()));
			await Promise.all([primary, ...replicas].map((server) => server.stop()));
		},
	};
}

function hasty(primaryPort: number, sentinels: number): { name: string; text: string } {
	const lines = [
		`sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} ${Math.min(sentinels, 2)}`,
		`sentinel down-after-milliseconds ${NAME} 500`,
		`sentinel failover-timeout ${NAME} 2000`,
	];
	return { name: NAME, text: lines.join("\n") };
}

async function untilItKnows(client: Redis, name: string, replicas: number, sentinels: number): Promise<void> {
	await eventually(async () => {
		const known = async (what: string) => ((await client.call("SENTINEL", what, name)) as unknown[]).length;
		return (await known("REPLICAS")) === replicas && (await known("SENTINELS")) === sentinels - 1;
	}, 20_000);
}

async function startSentinel(name: string, text: string): Promise<{ port: number; stop(): Promise<void> }> {
	const directory = await mkdtemp(join(tmpdir(), "retyn-sentinel-"));
	const port = await freePort();
	const configuration = join(directory, "sentinel.conf");
	await writeFile(configuration, `${text}\nport ${port}\nbind 127.0.0.1\ndir ${directory}\n`);
	const child = spawn("redis-server", [configuration, "--sentinel"], { stdio: "ignore" });
	const exited = new Promise((resolve) => child.once("exit", resolve));
	await asking(port, (client) => eventually(() => client.call("SENTINEL", "MASTER", name), 10_000));
	return {
		port,
		async stop() {
			child.kill("SIGKILL");
			await exited;
			await rm(directory, { recursive: true, force: true });
		},
	};
}

async function asking(
	port: number,
	ask: (client: Redis) => Promise<unknown>,
	login: TestSentinelOptions["login"] = undefined,
): Promise<void> {
	const client = new Redis({ port, ...login });
	client.on("error", () => {});
	try {
		await ask(client);
	} finally {
		client.disconnect();
	}
}
