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
	/** On the same port, with what it had; recovers first. Resolves when it takes connections. */
	start(): Promise<void>;
}

/**
 * Starts one with the settings of all that are thrown away; it ends with the scope.
 *
 * @param folder from `temporaryFolder`
 */
export async function startPostgres(scope: Scope, folder: string): Promise<SystemPostgres> {
	const account = postgresAccount();
	const programs = await programsPlace(packagedPrograms(), account);
	const password = randomBytes(18).toString("base64url");
	let running: Cluster | undefined;
	const port = await steadyPort();

	async function start(): Promise<void> {
		running = await startCluster({
			programs,
			account,
			data: join(folder, "data"),
			log: join(folder, "log"),
			password,
			port,
			settings: THROW_AWAY,
			initdbArgs: ["--no-sync"],
			signal: scope.signal,
		});
		if (running.port !== port) throw new TerminalError("PostgreSQL's port was taken by somebody else");
	}

	scope.defer(() => running?.stop());
	await start();
	const url = running?.url("postgres") ?? "";
	return {
		url,
		get pid() {
			return running?.pid ?? 0;
		},
		async kill() {
			const gone = running;
			running = undefined;
			if (!gone) return;
			// The first one first: it would take the others' ends for a crash and begin to recover.
			for (const pid of [gone.pid, ...descendants(gone.pid)]) killNow(pid);
			await gone.ended;
		},
		start,
	};
}

function killNow(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has ended by itself.
	}
}
