import { randomBytes } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { startThrowAwayPostgres, temporaryFolder } from "../../scripts/throw-away-postgres.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";

/** Statements are counted; PostgreSQL's defaults but for that and for what is thrown away. */
const SETTINGS = {
	shared_preload_libraries: "pg_stat_statements",
	"pg_stat_statements.track_utility": "off",
};

/** A PostgreSQL of the benchmark's own. */
export interface BenchPostgres {
	/** Makes a database, empty or as a copy of one to which nobody is connected. */
	createDatabase(template?: string): Promise<BenchDatabase>;
}

export interface BenchDatabase {
	readonly name: string;
	readonly url: string;
	/** Statements that were executed in it since it was made, those that only begin and end transactions left out. */
	queries(): Promise<number>;
}

const running = new WeakMap<Scope, Promise<BenchPostgres>>();

/** One for all that is measured in the scope; ends with it. */
export function benchPostgres(scope: Scope): Promise<BenchPostgres> {
	const known = running.get(scope) ?? start(scope);
	running.set(scope, known);
	return known;
}

async function start(scope: Scope): Promise<BenchPostgres> {
	const cluster = await startThrowAwayPostgres(scope, await temporaryFolder(scope), SETTINGS);
	// In a database of its own, so that what is asked here counts for no other.
	const sql = postgres(cluster.url("postgres"), { max: 1, onnotice: () => {} });
	scope.defer(() => sql.end({ timeout: 2 }));
	await sql`create extension pg_stat_statements`;
	return {
		async createDatabase(template = "template1") {
			const name = `bench_${randomBytes(4).toString("hex")}`;
			await sql`create database ${sql(name)} template ${sql(template)} strategy file_copy`;
			return { name, url: cluster.url(name), queries: () => queriesOf(sql, name) };
		},
	};
}

async function queriesOf(sql: Sql, database: string): Promise<number> {
	const [row] = await sql<{ calls: number }[]>`
		select coalesce(sum(s.calls), 0)::float8 as calls
		from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = ${database}`;
	return row?.calls ?? 0;
}
