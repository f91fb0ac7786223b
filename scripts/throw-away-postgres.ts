import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canEnter, postgresAccount } from "../src/cli/dev/account.ts";
import { type Cluster, startCluster } from "../src/cli/dev/cluster.ts";
import { programsPlace } from "../src/cli/dev/places.ts";
import { packagedPrograms } from "../src/cli/dev/programs.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { TerminalError } from "../src/cli/terminal.ts";

/** Nothing here has to outlive a power cut, and nothing is to begin by itself in the middle of a test or measurement. */
export const THROW_AWAY = {
	fsync: "off",
	synchronous_commit: "off",
	full_page_writes: "off",
	max_wal_size: "2GB",
	autovacuum: "off",
};

/**
 * Starts an empty PostgreSQL for as long as the scope lasts.
 *
 * @param folder from {@link temporaryFolder}
 * @param settings besides those of all that are thrown away
 */
export async function startThrowAwayPostgres(
	scope: Scope,
	folder: string,
	settings: Record<string, string>,
): Promise<Cluster> {
	const account = postgresAccount();
	const programs = await programsPlace(packagedPrograms(), account);
	const cluster = await startCluster({
		programs,
		account,
		data: join(folder, "data"),
		log: join(folder, "log"),
		password: randomBytes(18).toString("base64url"),
		settings: { ...THROW_AWAY, ...settings },
		initdbArgs: ["--no-sync"],
		signal: scope.signal,
	});
	scope.defer(() => cluster.stop());
	return cluster;
}

/** A folder that PostgreSQL's user may enter, removed with all that is in it at the scope's end. */
export async function temporaryFolder(scope: Scope): Promise<string> {
	const account = postgresAccount();
	for (const parent of new Set([tmpdir(), "/var/tmp", "/tmp"])) {
		if (!canEnter(account, parent)) continue;
		const folder = await mkdtemp(join(parent, "retyn-test-"));
		scope.defer(() => rm(folder, { recursive: true, force: true }));
		await chmod(folder, 0o711);
		return folder;
	}
	throw new TerminalError(
		"There is no temporary folder that PostgreSQL's user may enter: set TMPDIR, or DATABASE_URL.",
	);
}
