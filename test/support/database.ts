import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import postgres from "postgres";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";

export interface TestDatabase extends DatabaseHandle {
	readonly url: string;
	/** Closes the connections and removes the database. */
	drop(): Promise<void>;
}

const TEMPLATE_LOCK = 7_203_115;

/** A database of its own for one test file, with the schema in place and no rows. Call `drop` in `afterAll`. */
export function createTestDatabase(): Promise<TestDatabase> {
	return createDatabase(ensureTemplate);
}

/** One in which there is nothing yet, not even a schema. Call `drop` in `afterAll`. */
export function createEmptyDatabase(): Promise<TestDatabase> {
	return createDatabase(async () => "template1");
}

async function createDatabase(templateOf: typeof ensureTemplate): Promise<TestDatabase> {
	const server = serverUrl();
	const name = `retyn_test_${runId()}_${randomBytes(4).toString("hex")}`;
	await administer(server, async (sql) => {
		const template = await templateOf(sql, server);
		await sql`create database ${sql(name)} template ${sql(template)}`;
	});
	const url = withDatabase(server, name);
	const handle = openDatabase({ url, max: 4 });
	return {
		...handle,
		url,
		async drop() {
			await handle.close();
			await administer(server, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
		},
	};
}

/** The address of the server that the test command started, or that `DATABASE_URL` named. */
function serverUrl(): string {
	const url = process.env["TEST_DATABASE_URL"];
	if (!url) throw new Error("There is no test database server. Run the tests with `bun run test [FILE...]`.");
	return url;
}

/** The test command drops what is named after its run, whatever became of the test that made it. */
function runId(): string {
	return process.env["TEST_RUN_ID"] ?? "local";
}

/** Migrating takes longer than copying, so every file copies one migrated template, made by whoever comes first. */
async function ensureTemplate(sql: postgres.Sql, server: string): Promise<string> {
	const name = `retyn_template_${runId()}_${await migrationsHash()}`;
	await sql`select pg_advisory_lock(${TEMPLATE_LOCK})`;
	try {
		const [found] = await sql`select 1 from pg_database where datname = ${name}`;
		if (!found) {
			await sql`create database ${sql(name)}`;
			await migrateDatabase(withDatabase(server, name));
		}
	} finally {
		await sql`select pg_advisory_unlock(${TEMPLATE_LOCK})`;
	}
	return name;
}

/** A server that serves several runs may still hold the template of an earlier schema. */
async function migrationsHash(): Promise<string> {
	const folder = new URL("../../db/migrations/", import.meta.url);
	const hash = createHash("sha256");
	for (const name of (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort()) {
		hash.update(await readFile(new URL(name, folder)));
	}
	return hash.digest("hex").slice(0, 8);
}

async function administer(server: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
	const sql = postgres(server, { max: 1, onnotice: () => {} });
	try {
		await work(sql);
	} finally {
		await sql.end({ timeout: 5 });
	}
}

function withDatabase(server: string, name: string): string {
	const url = new URL(server);
	url.pathname = `/${name}`;
	return url.toString();
}
