import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";
import { createTestRedis, type TestRedis } from "./redis.ts";

/** A primary, a replica that is in step with it, and one sentinel that decides alone. */
export interface TestSentinel {
	/** Name of the primary, as clients ask the sentinel for it. */
	readonly name: string;
	/** Port of the sentinel. */
	readonly port: number;
	readonly primary: TestRedis;
	readonly replica: TestRedis;
	stop(): Promise<void>;
}

const NAME = "primary";

export async function createTestSentinel(): Promise<TestSentinel> {
	const primary = await createTestRedis({ args: ["--repl-diskless-sync-delay", "0"] });
	const replica = await createTestRedis({ args: ["--replicaof", "127.0.0.1", String(primary.port)] });
	// Without a first copy the replica would never be promoted.
	await asking(replica.port, async (client) => {
		await eventually(async () => /master_link_status:up/.test(await client.info("replication")), 10_000);
	});
	const sentinel = await startSentinel(primary.port);
	return {
		name: NAME,
		port: sentinel.port,
		primary,
		replica,
		async stop() {
			await sentinel.stop();
			await Promise.all([primary.stop(), replica.stop()]);
		},
	};
}

async function startSentinel(primaryPort: number): Promise<{ port: number; stop(): Promise<void> }> {
	const directory = await mkdtemp(join(tmpdir(), "retyn-sentinel-"));
	const port = await freePort();
	const configuration = join(directory, "sentinel.conf");
	await writeFile(
		configuration,
		[
			`port ${port}`,
			"bind 127.0.0.1",
			`dir ${directory}`,
			`sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 1`,
			`sentinel down-after-milliseconds ${NAME} 500`,
			`sentinel failover-timeout ${NAME} 2000`,
			"",
		].join("\n"),
	);
	const child = spawn("redis-server", [configuration, "--sentinel"], { stdio: "ignore" });
	const exited = new Promise((resolve) => child.once("exit", resolve));
	await asking(port, async (client) => {
		const knowsReplica = async () =>
			((await client.call("SENTINEL", "REPLICAS", NAME)) as unknown[]).length === 1;
		await eventually(knowsReplica, 10_000);
	});
	return {
		port,
		async stop() {
			child.kill("SIGKILL");
			await exited;
			await rm(directory, { recursive: true, force: true });
		},
	};
}

async function asking(port: number, ask: (client: Redis) => Promise<void>): Promise<void> {
	const client = new Redis(port);
	client.on("error", () => {});
	try {
		await ask(client);
	} finally {
		client.disconnect();
	}
}
