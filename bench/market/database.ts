import { existsSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/client.ts";
import { importFile } from "../../db/import/index.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { Missing } from "../measure/server.ts";
import type { Bench } from "../scenario.ts";
import { authConfig, newSecret, signUp } from "./accounts.ts";
import { type BenchDatabase, benchPostgres } from "./postgres.ts";

/** The Department's files, in the order in which they are imported. */
const FILES = ["dld-sales-2026-01-to-07.csv.gz", "dld-rents-2026-01-to-07.csv.gz", "area-crosswalk.csv"];

/** The registered market, imported once; whoever measures takes copies. */
export interface MarketDatabase {
	/** Of the servers that are to accept the tokens. */
	readonly jwtSecret: string;
	/** Bearer tokens of two users who are in every copy. */
	readonly token: string;
	readonly adminToken: string;
	/** A database with everything in it, for one user of it alone. */
	copy(): Promise<BenchDatabase>;
}

const imported = new WeakMap<Scope, Promise<MarketDatabase>>();

/** Imports the official files, the first time that it is asked. @throws {Missing} where they are not there */
export function marketDatabase(bench: Bench): Promise<MarketDatabase> {
	const known = imported.get(bench.scope) ?? importMarket(bench);
	imported.set(bench.scope, known);
	return known;
}

async function importMarket({ scope, dataFolder, log }: Bench): Promise<MarketDatabase> {
	const files = officialFiles(dataFolder);
	const server = await benchPostgres(scope);
	const { name, url } = await server.createDatabase();
	await migrateDatabase(url);
	const handle = openDatabase({ url, max: 4, statementTimeoutMs: 0 });
	try {
		const begun = performance.now();
		let rows = 0;
		for (const file of files) rows += (await scope.race(importFile(handle, file))).loaded;
		// The throw-away server has no autovacuum that would do this in time.
		await handle.sql`vacuum analyze`;
		log(`Imported ${rows} rows in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
		const jwtSecret = newSecret();
		const config = authConfig(jwtSecret, url);
		const token = await signUp(handle.db, config);
		const adminToken = await signUp(handle.db, config, "admin");
		return {
			jwtSecret,
			token,
			adminToken,
			copy: () => server.createDatabase(name),
		};
	} finally {
		await handle.close();
	}
}

/** @throws {Missing} where they are not there */
export function officialFiles(folder: string | undefined): string[] {
	if (!folder) {
		throw new Missing("DLD_DATA_DIR does not name a folder with the Dubai Land Department's files.");
	}
	const missing = FILES.filter((file) => !existsSync(join(folder, file)));
	if (missing.length > 0) throw new Missing(`The folder of DLD_DATA_DIR lacks ${missing.join(", ")}.`);
	return FILES.map((file) => join(folder, file));
}
