import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { descendants } from "../../bench/measure/processes.ts";
import { postgresAccount } from "../../src/cli/dev/account.ts";
import { type Cluster, startCluster } from "../../src/cli/dev/cluster.ts";
import { programsPlace } from "../../src/cli/dev/places.ts";
import { packagedPrograms } from "../../src/cli/dev/programs.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { THROW_AWAY } from "../throw-away-postgres.ts";
import { steadyPort } from "./ports.ts";

/** A PostgreSQL that can be lost and come back. */
export interface SystemPostgres {
	/** Of its first process, whose descendants are the others. */
	readonly pid: number;
	readonly url: string;
	/** SIGKILL for all its processes: nobody is told, nothing is tidied up. */
	kill(): Promise<void>;
	/** Ends as it should, with all that it has on disk. */
	stop(): Promise<void>;
	/** SIGSTOP for all its processes: connections are made for it, and nothing is answered. */
	freeze(): void;
	thaw(): void;
	/** On the same port, with what it had; recovers first. Resolves when it takes connections. */
	start(): Promise<void>;
}

export interface SystemPostgresOptions {
	/** Besides those of all that are thrown away. */
	readonly settings?: Readonly<Record<string, string>>;
	/** Of its data, in the folder. @default "data" */
	readonly name?: string;
	/** Of its superuser. @default a random one */
	readonly password?: string;
}

/**
 * Starts one with the settings of all that are thrown away; it ends with the scope.
 *
 * @param folder from `temporaryFolder`
 */
export async function startPostgres(
	scope: Scope,
	folder: string,
	options: SystemPostgresOptions = {},
): Promise<SystemPostgres> {
	const { settings = {}, name = "data" } = options;
	const account = postgresAccount();
	const programs = await programsPlace(packagedPrograms(), account);
	const password = options.password ?? randomBytes(18).toString("base64url");
	let running: Cluster | undefined;
	const port = await steadyPort();

	async function start(): Promise<void> {
		running = await startCluster({
			programs,
			account,
			data: join(folder, name),
			log: join(folder, `${name}.log`),
			password,
			port,
			settings: { ...THROW_AWAY, ...settings },
			initdbArgs: ["--no-sync"],
			signal: scope.signal,
		});
		if (running.port !== port) throw new TerminalError("PostgreSQL's port was taken by somebody else");
	}

	function signalAll(signal: NodeJS.Signals): void {
		// The first one first: it would take the others' ends for a crash and begin to recover.
		if (running) for (const pid of [running.pid, ...descendants(running.pid)]) send(pid, signal);
	}

	scope.defer(() => {
		// One that is frozen would not hear that it is to end.
		signalAll("SIGCONT");
		return running?.stop();
	});
	await start();
	const url = running?.url("postgres") ?? "";
	return {
		url,
		get pid() {
			return running?.pid ?? 0;
		},
		async kill() {
			const gone = running;
			signalAll("SIGKILL");
			running = undefined;
			await gone?.ended;
		},
		async stop() {
			const gone = running;
			running = undefined;
			await gone?.stop();
		},
		freeze: () => signalAll("SIGSTOP"),
		thaw: () => signalAll("SIGCONT"),
		start,
	};
}

function send(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch {
		// It has ended by itself.
	}
}
