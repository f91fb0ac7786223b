import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { ensureRedisServer } from "../../scripts/redis-server.ts";
import { steadyPort } from "../../scripts/system/ports.ts";
import { ending } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";

const START_WITHIN_MS = 15_000;

/** A redis-server of the benchmark's own. */
export interface BenchRedis {
	readonly port: number;
	readonly pid: number;
	/** For the benchmark's own questions; not what is measured. */
	readonly client: Redis;
	/** SIGSTOP: connections stay open, nothing is answered. */
	freeze(): void;
	thaw(): void;
	/** SIGKILL. */
	kill(): Promise<void>;
	/** Empty, on the same port. */
	start(): Promise<void>;
}

/** Keeps nothing on disk; ends with the scope. */
export async function startRedis(scope: Scope): Promise<BenchRedis> {
	ensureRedisServer();
	const folder = await mkdtemp(join(tmpdir(), "retyn-bench-redis-"));
	const port = await steadyPort();
	let child: ChildProcess | undefined;

	async function kill(): Promise<void> {
		const gone = child;
		child = undefined;
		if (!gone) return;
		gone.kill("SIGKILL");
		await ending(gone);
	}

	async function start(): Promise<void> {
		const args = [
			"--port",
			String(port),
			"--bind",
			"127.0.0.1",
			"--dir",
			folder,
			"--save",
			"",
			"--appendonly",
			"no",
		];
		child = spawn("redis-server", args, { stdio: "ignore" });
		const end = performance.now() + START_WITHIN_MS;
		while ((await client.ping().catch(() => "")) !== "PONG") {
			if (performance.now() > end || child.exitCode !== null) {
				throw new TerminalError(`redis-server does not answer on port ${port}`);
			}
			await Bun.sleep(20);
		}
	}

	const client = new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: 0, retryStrategy: () => 50 });
	client.on("error", () => {});
	scope.defer(async () => {
		client.disconnect();
		await kill();
		await rm(folder, { recursive: true, force: true });
	});
	await start();
	return {
		port,
		get pid() {
			return child?.pid ?? 0;
		},
		client,
		freeze: () => void child?.kill("SIGSTOP"),
		thaw: () => void child?.kill("SIGCONT"),
		kill,
		start,
	};
}
