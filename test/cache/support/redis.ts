import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./ports.ts";

/** A real redis-server of one test file, which may freeze it, kill it and bring it back on the same port. */
export interface TestRedis {
	readonly port: number;
	readonly password: string | undefined;
	/** 0 while there is none. */
	readonly pid: number;
	/** SIGSTOP: connections stay open, nothing is answered. */
	freeze(): void;
	thaw(): void;
	/** SIGKILL: gone at once, and empty when it comes back, but for what was saved by SAVE. */
	kill(): Promise<void>;
	start(): Promise<void>;
	/** Kills it and removes its folder. */
	stop(): Promise<void>;
}

export interface TestRedisOptions {
	/** A file of configuration; arguments count before it. */
	file?: string | undefined;
	/** Further redis-server arguments, for example `["--maxmemory", "1mb"]`. */
	args?: string[];
	password?: string;
	/** False for a server that is absent at first; `start` brings it up. */
	started?: boolean;
}

export async function createTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
	const directory = await mkdtemp(join(tmpdir(), "retyn-redis-"));
	const port = await freePort();
	let child: ChildProcess | undefined;

	async function start() {
		const password = options.password ? ["--requirepass", options.password] : [];
		const own = [
			"--port",
			String(port),
			"--bind",
			"127.0.0.1",
			"--dir",
			directory,
			"--save",
			"",
			"--appendonly",
			"no",
		];
		const file = options.file ? [join(directory, "redis.conf")] : [];
		child = spawn("redis-server", [...file, ...own, ...password, ...(options.args ?? [])], {
			stdio: "ignore",
		});
		await eventually(() => answers(port), 15_000);
	}

	async function kill() {
		const gone = child;
		child = undefined;
		if (!gone || gone.exitCode !== null || gone.signalCode !== null) return;
		const exited = new Promise((resolve) => gone.once("exit", resolve));
		gone.kill("SIGKILL");
		await exited;
	}

	// Sentinels have servers write what they learn into their file.
	if (options.file) await copyFile(options.file, join(directory, "redis.conf"));
	if (options.started !== false) await start();
	return {
		port,
		password: options.password,
		get pid() {
			return child?.pid ?? 0;
		},
		freeze: () => void child?.kill("SIGSTOP"),
		thaw: () => void child?.kill("SIGCONT"),
		kill,
		start,
		async stop() {
			await kill();
			await rm(directory, { recursive: true, force: true });
		},
	};
}

/** Any reply to PING counts, also one that asks for a password. */
function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ port, host: "127.0.0.1" });
		const finish = (answer: boolean) => {
			socket.destroy();
			resolve(answer);
		};
		socket.setTimeout(200, () => finish(false));
		socket.once("error", () => finish(false));
		socket.once("data", () => finish(true));
		socket.write("PING\r\n");
	});
}
