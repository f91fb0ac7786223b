import { afterEach, describe, expect, test } from "bun:test";
import { migrateDatabase } from "../../db/migrate.ts";
import journal from "../../db/migrations/meta/_journal.json" with { type: "json" };
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createEmptyDatabase, type TestDatabase } from "../support/database.ts";
import { projectPath } from "./files.ts";

const TEST_WITHIN_MS = 120_000;
const ALL = journal.entries.length;
/** What those who migrate take turns by. */
const LOCK = 7_203_114;

const databases: TestDatabase[] = [];
const processes: ReturnType<typeof Bun.spawn>[] = [];

afterEach(async () => {
	for (const one of processes) one.kill("SIGKILL");
	await Promise.all(processes.splice(0).map(({ exited }) => exited));
	await Promise.all(databases.splice(0).map((database) => database.drop()));
});

async function emptyDatabase(): Promise<TestDatabase> {
	const database = await createEmptyDatabase();
	databases.push(database);
	return database;
}

/** A real server process that migrates as it starts. */
async function startServer(env: Record<string, string>) {
	const port = await freePort();
	const child = Bun.spawn([process.execPath, "--no-env-file", "src/server.ts"], {
		cwd: projectPath(""),
		env: {
			NODE_ENV: "production",
			JWT_SECRET: "f3b1c0de9a7e5d2846bb10c39d5fe07a",
			HOST: "127.0.0.1",
			PORT: String(port),
			MIGRATE_ON_START: "true",
			...env,
		},
		stdio: ["ignore", "pipe", "inherit"],
	});
	processes.push(child);
	return {
		kill: () => child.kill("SIGKILL"),
		ended: child.exited,
		isReady: async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true,
		/** All lines of its log, once it has ended. */
		async log(): Promise<Record<string, unknown>[]> {
			const text = await new Response(child.stdout).text();
			return text
				.split("\n")
				.filter(Boolean)
				.map((line) => JSON.parse(line));
		},
	};
}

/** How many hold the lock of those who migrate, and how many wait for it. */
async function turns({ sql }: TestDatabase) {
	const [row] = await sql<{ held: number; waiting: number }[]>`
		select count(*) filter (where granted)::int as held, count(*) filter (where not granted)::int as waiting
		from pg_locks
		where locktype = 'advisory' and objid = ${LOCK}
			and database = (select oid from pg_database where datname = current_database())`;
	return row;
}

async function applied({ sql }: TestDatabase): Promise<number> {
	const [row] = await sql<{ count: number }[]>`select count(*)::int from drizzle.__drizzle_migrations`;
	return row?.count ?? 0;
}

describe("MIGRATE_ON_START", () => {
	test(
		"ten servers that start at once on an empty database migrate it once, and all become ready",
		async () => {
			const database = await emptyDatabase();
			const servers = await Promise.all(
				Array.from({ length: 10 }, () => startServer({ DATABASE_URL: database.url })),
			);
			for (const server of servers) await eventually(server.isReady, 60_000);
			expect(await applied(database)).toBe(ALL);
			for (const server of servers) server.kill();
			const logs = await Promise.all(servers.map((server) => server.log()));
			const counts = logs.map(
				(lines) => lines.find(({ msg }) => msg === "The schema is up to date")?.["applied"],
			);
			expect(counts.toSorted()).toEqual([...Array(9).fill(0), ALL]);
		},
		TEST_WITHIN_MS,
	);

	test(
		"a server that is killed while it migrates leaves nothing half done, and the next one has its turn",
		async () => {
			const database = await emptyDatabase();
			// Whoever makes a table of that name has to wait until this transaction is over: the middle of the first migration.
			let letGo = () => {};
			const held = new Promise<void>((resolve) => {
				letGo = resolve;
			});
			const blocking = database.sql.begin(async (sql) => {
				await sql`create table areas ()`;
				await held;
				throw new Error("never meant");
			});
			blocking.catch(() => {});

			const first = await startServer({ DATABASE_URL: database.url });
			await eventually(async () => expect(await turns(database)).toEqual({ held: 1, waiting: 0 }), 20_000);
			const second = await startServer({ DATABASE_URL: database.url });
			await eventually(async () => expect(await turns(database)).toEqual({ held: 1, waiting: 1 }), 20_000);
			first.kill();
			await first.ended;
			await eventually(async () => expect(await turns(database)).toEqual({ held: 1, waiting: 0 }), 10_000);
			letGo();
			await blocking.catch(() => {});
			await eventually(second.isReady, 30_000);
			expect(await applied(database)).toBe(ALL);
		},
		TEST_WITHIN_MS,
	);

	test(
		"goes past a pooler, by DATABASE_DIRECT_URL",
		async () => {
			const database = await emptyDatabase();
			const nowhere = `postgres://retyn@127.0.0.1:${await freePort()}/retyn`;
			await startServer({ DATABASE_URL: nowhere, DATABASE_DIRECT_URL: database.url });
			await eventually(async () => expect(await applied(database)).toBe(ALL), 30_000);
		},
		TEST_WITHIN_MS,
	);

	test(
		"ends a server whose database cannot be brought up to date, with the reason",
		async () => {
			const nowhere = `postgres://retyn@127.0.0.1:${await freePort()}/retyn`;
			const server = await startServer({ DATABASE_URL: nowhere });
			expect(await server.ended).toBe(1);
			expect(await server.log()).toContainEqual(
				expect.objectContaining({
					msg: "The schema could not be brought up to date",
					reason: expect.stringContaining("ECONNREFUSED"),
				}),
			);
		},
		TEST_WITHIN_MS,
	);
});

test("who migrates waits for another one, but not for ever", async () => {
	const database = await emptyDatabase();
	const other = await database.sql.reserve();
	await other`select pg_advisory_lock(${LOCK})`;
	await expect(migrateDatabase(database.url, { waitMs: 100 })).rejects.toThrow(
		"Another program has been migrating this database for more than 0.1 s",
	);
	await other`select pg_advisory_unlock(${LOCK})`;
	other.release();
	expect(await migrateDatabase(database.url)).toEqual({ applied: ALL });
	expect(await migrateDatabase(database.url)).toEqual({ applied: 0 });
});

test(
	"the command goes past a pooler too, and says what it did",
	async () => {
		const database = await emptyDatabase();
		const command = [process.execPath, "--no-env-file", "src/cli/migrate.ts"];
		const nowhere = `postgres://retyn@127.0.0.1:${await freePort()}/retyn`;
		const child = Bun.spawn(command, {
			cwd: projectPath(""),
			env: { DATABASE_URL: nowhere, DATABASE_DIRECT_URL: database.url },
			stdio: ["ignore", "pipe", "inherit"],
		});
		expect(await child.exited).toBe(0);
		expect(await new Response(child.stdout).text()).toBe(
			`The schema is up to date. Migrations carried out: ${ALL}.\n`,
		);
	},
	TEST_WITHIN_MS,
);
