import { randomBytes } from "node:crypto";
import { chown, cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { postgresAccount } from "../../src/cli/dev/account.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { type SystemPostgres, startPostgres } from "../system/postgres.ts";

export interface Pair {
	readonly primary: SystemPostgres;
	/** Streams from the primary, and answers what is read. */
	readonly replica: SystemPostgres;
}

/**
 * Starts a PostgreSQL and a streaming replica of it; both end with the scope.
 *
 * @param folder from `temporaryFolder`
 * @param fill puts into the primary what the replica is to have from the beginning
 */
export async function startPair(
	scope: Scope,
	folder: string,
	fill: (url: string) => Promise<unknown> = async () => {},
): Promise<Pair> {
	const password = randomBytes(18).toString("base64url");
	const primary = await startPostgres(scope, folder, {
		name: "primary",
		password,
		settings: { max_connections: "200", wal_keep_size: "512MB" },
	});
	await fill(primary.url);
	// The package has no pg_basebackup. What is copied while nobody writes needs none.
	await primary.stop();
	await copyFolder(join(folder, "primary"), join(folder, "replica"));
	await primary.start();
	const { port, username } = new URL(primary.url);
	const replica = await startPostgres(scope, folder, {
		name: "replica",
		password,
		settings: {
			max_connections: "200",
			primary_conninfo: `host=127.0.0.1 port=${port} user=${username} password=${password}`,
			wal_retrieve_retry_interval: "200ms",
		},
	});
	return { primary, replica };
}

async function copyFolder(from: string, to: string): Promise<void> {
	const account = postgresAccount();
	await cp(from, to, { recursive: true, preserveTimestamps: true });
	await writeFile(join(to, "standby.signal"), "");
	if (account) await chownAll(to, account);
}

async function chownAll(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
	await chown(folder, uid, gid);
	for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), uid, gid);
}
