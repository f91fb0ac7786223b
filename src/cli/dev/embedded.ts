import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TerminalError } from "../terminal.ts";
import { postgresAccount } from "./account.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { dataPlace, programsPlace } from "./places.ts";
import { packagedPrograms } from "./programs.ts";
import type { Scope } from "./scope.ts";
import { type DevState, secret, writeState } from "./state.ts";

/** The PostgreSQL of `bun run dev`, and where its parts lie. */
export interface Embedded {
	readonly cluster: Cluster;
	readonly data: string;
	readonly programs: string;
	/** As it was written before the start, with the password. */
	readonly state: DevState;
}

/**
 * Starts it for as long as the scope lasts. Commits do not wait for the disk, which makes imports and the sample
 * quicker; but fsync stays on: a power cut may lose the last moments, never the data that somebody imported.
 *
 * @throws {TerminalError} when there are data, but not their password in the state
 */
export async function startEmbedded(scope: Scope, folder: string, known: DevState): Promise<Embedded> {
	const account = postgresAccount();
	const programs = await programsPlace(packagedPrograms(), account);
	const data = join(await dataPlace(folder, account), "postgres");
	if (!known.databasePassword && (await stat(join(data, "PG_VERSION")).catch(() => undefined))) {
		throw new TerminalError(
			`The password for ${data} stood in ${folder}/dev.json and is not there any more: remove both to start anew.`,
		);
	}
	const password = known.databasePassword ?? secret();
	const state = { ...known, databasePassword: password };
	await writeState(folder, state);
	const cluster = await startCluster({
		programs,
		account,
		data,
		log: join(folder, "postgres.log"),
		password,
		port: known.databasePort,
		settings: { synchronous_commit: "off" },
		signal: scope.signal,
	});
	scope.defer(() => cluster.stop());
	return { cluster, data, programs, state };
}
