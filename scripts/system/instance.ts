import { productSettings } from "../../bench/market/settings.ts";
import { type RunningProcess, startProcess } from "../../bench/measure/server.ts";
import { endProcess } from "../../src/cli/dev/processes.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { Ground } from "./ground.ts";
import { steadyPort } from "./ports.ts";

/** One server process, at addresses that stay the same when it is started anew. */
export interface Instance {
	readonly name: string;
	readonly port: number;
	readonly origin: string;
	/** Where its figures are read, `host:port`. */
	readonly metrics: string;
	/** 0 while there is none. */
	readonly pid: number;
	/** Resolves when it is ready, warming included. */
	start(): Promise<void>;
	/** SIGTERM, until it is gone. How it ended: its status, or a signal. */
	stop(): Promise<string>;
	kill(): Promise<void>;
}

/** Containers are killed after 10 s; here a machine that is busy with other things is borne with. */
const STOP_WITHIN_MS = 15_000;
const READY_WITHIN_MS = 60_000;

/** For machines that do other things besides, and stand still for a while: a slow Redis must not pass for a lost one. */
export const PATIENT = { CACHE_STORE_DEADLINE_MS: "1000" };

/**
 * The settings of production, but for three: who asks is one machine, which the limits per address and per caller must not
 * take for one caller; each cached answer is not logged; and figures are at a port of the instance's own.
 */
function environment({ postgres, redis, jwtSecret }: Ground, port: number, metricsPort: number) {
	return {
		...productSettings({ port, databaseUrl: postgres.url, jwtSecret, redisPort: redis.port }),
		METRICS_HOST: "127.0.0.1",
		METRICS_PORT: String(metricsPort),
		LOG_LEVEL: "error",
		LOGIN_ATTEMPTS_PER_MINUTE: "1000",
		VALUATION_BATCHES_PER_MINUTE: "10000",
	};
}

/** Starts `src/server.ts` as in production; it ends with the scope. */
export async function startInstance(
	scope: Scope,
	ground: Ground,
	name: string,
	settings: Readonly<Record<string, string>> = {},
): Promise<Instance> {
	const [port, metricsPort] = [await steadyPort(), await steadyPort()];
	const origin = `http://127.0.0.1:${port}`;
	let running: RunningProcess | undefined;

	async function start(): Promise<void> {
		const env = { ...environment(ground, port, metricsPort), ...settings };
		running = await startProcess(scope, name, process.execPath, ["--no-env-file", "src/server.ts"], {
			port,
			env,
		});
		await scope.race(untilReady(name, origin));
	}

	async function end(...steps: (readonly [NodeJS.Signals, number])[]): Promise<string> {
		const gone = running;
		running = undefined;
		if (!gone) return "0";
		await endProcess(gone.pid, steps);
		return gone.ended;
	}

	await start();
	return {
		name,
		port,
		origin,
		metrics: `127.0.0.1:${metricsPort}`,
		get pid() {
			return running?.pid ?? 0;
		},
		start,
		stop: () => end(["SIGTERM", STOP_WITHIN_MS], ["SIGKILL", 2_000]),
		async kill() {
			await end(["SIGKILL", 2_000]);
		},
	};
}

/** @throws {TerminalError} when it is not in time */
async function untilReady(name: string, origin: string): Promise<void> {
	const end = performance.now() + READY_WITHIN_MS;
	while (!(await fetch(`${origin}/readyz`).catch(() => undefined))?.ok) {
		if (performance.now() > end)
			throw new TerminalError(`The ${name} was not ready within ${READY_WITHIN_MS / 1000} s`);
		await Bun.sleep(50);
	}
}
