import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { importFile } from "../../db/import/index.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { saveModel } from "../../db/queries/models.ts";
import { fillSample } from "../../db/sample.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { authConfig, newSecret, signUp } from "../market/accounts.ts";
import { benchPostgres } from "../market/postgres.ts";
import { learnModel } from "./learn.ts";
import { countSales, repeatSales } from "./repeat.ts";

/** The sample has 25,000 sales. */
const SAMPLE_TIMES = 4;
/** By how much the larger market is larger. */
export const GROWN_TIMES = 16;

export interface Market {
	readonly url: string;
	readonly sales: number;
}

/** The same market twice, with one model that was trained on the smaller. */
export interface Markets {
	/** What is in it, in words. */
	readonly data: string;
	readonly plain: Market;
	readonly grown: Market;
	/** The process whose descendants, itself included, are the database of both. */
	readonly postgresPid: number;
	readonly jwtSecret: string;
	/** Bearer tokens, each of another user, who is known in both. */
	readonly tokens: readonly string[];
}

interface Wanted {
	/** Official ones; without any the sample. */
	readonly files: readonly string[];
	readonly callers: number;
	log(line: string): void;
}

/** Makes both databases; they end with the scope. */
export async function buildMarkets(scope: Scope, wanted: Wanted): Promise<Markets> {
	const { files, callers, log } = wanted;
	const server = await scope.race(benchPostgres(scope));
	const { name, url } = await server.createDatabase();
	await scope.race(migrateDatabase(url));
	const jwtSecret = newSecret();
	const config = authConfig(jwtSecret, url);
	const tokens: string[] = [];
	await scope.race(
		withDatabase(url, async (handle) => {
			await fill(handle, wanted);
			while (tokens.length < callers) tokens.push(await signUp(handle.db, config));
		}),
	);
	const copy = await server.createDatabase(name);
	log(`Training, and repeating the sales ${GROWN_TIMES} times ...`);
	const built = await scope.race(
		withDatabase(url, (plain) =>
			withDatabase(copy.url, async (grown) => {
				// One is work for this process, the other for PostgreSQL.
				const [model] = await Promise.all([learnModel(plain.db), repeatSales(grown, GROWN_TIMES)]);
				for (const { db } of [plain, grown]) await saveModel(db, model);
				return {
					plain: { url, sales: await countSales(plain) },
					grown: { url: copy.url, sales: await countSales(grown) },
					postgresPid: await postgresPid(plain),
				};
			}),
		),
	);
	const sample = `the made-up sample, its sales repeated ${SAMPLE_TIMES} times`;
	return { ...built, data: files.length > 0 ? "official files" : sample, jwtSecret, tokens };
}

async function fill(handle: DatabaseHandle, { files, log }: Wanted): Promise<void> {
	for (const file of files) {
		log(`Importing ${file} ...`);
		await importFile(handle, file);
	}
	if (files.length > 0) return;
	await fillSample(handle, { onProgress: log });
	await repeatSales(handle, SAMPLE_TIMES);
}

async function postgresPid({ sql }: DatabaseHandle): Promise<number> {
	const [row] = await sql<{ pid: number }[]>`
		select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid`;
	if (!row) throw new Error("PostgreSQL does not say which process it is");
	return row.pid;
}

async function withDatabase<T>(url: string, work: (handle: DatabaseHandle) => Promise<T>): Promise<T> {
	const handle = openDatabase({ url, max: 2, statementTimeoutMs: 0 });
	try {
		return await work(handle);
	} finally {
		await handle.close();
	}
}
