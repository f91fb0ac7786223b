import { describe, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../../db/client.ts";
import { importFile } from "../../db/import/index.ts";
import { marketVersion } from "../../db/queries/market-changes.ts";
import { eventually } from "../cache/support/eventually.ts";
import { csv, sale } from "./fixtures.ts";
import { useMarket } from "./market.ts";

const market = useMarket();
const COMMAND = fileURLToPath(new URL("../../src/cli/import.ts", import.meta.url));

function startImport(path: string): { child: ChildProcess; ended: Promise<void> } {
	const child = spawn(process.execPath, [COMMAND, path], {
		env: { ...process.env, DATABASE_URL: market.database.url },
		stdio: "ignore",
	});
	return { child, ended: new Promise((resolve) => child.once("exit", () => resolve())) };
}

/** Waits until another connection to the test's database is at the given statement. */
function running(statement: string, waiting: boolean): Promise<void> {
	return eventually(async () => {
		const rows = await market.database.sql`select 1 from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and state = 'active'
				and query ilike ${`${statement}%`} and (wait_event_type = 'Lock') = ${waiting}`;
		return rows.length > 0;
	}, 20_000);
}

const statuses = async () =>
	(await market.database.sql`select status, message from import_runs order by id`).map((row) => ({ ...row }));

/** Runs `work` while nobody can write to the table of sales, so that an import stands still in its merge. */
async function withSalesLocked(work: () => Promise<void>): Promise<void> {
	await market.database.sql.begin(async (tx) => {
		await tx`lock table sales in share mode`;
		await work();
	});
}

const interrupted = {
	status: "interrupted",
	message: "The import was ended from outside before it was through.",
};

describe("an import that is killed with SIGKILL", () => {
	test("while it reads leaves nothing to be seen, and the next one says so and loads", async () => {
		const rows = Array.from({ length: 120_000 }, (_, at) =>
			sale({ TRANSACTION_NUMBER: `11-${at + 1}-2031` }),
		);
		const path = await market.fixtures.file(csv(rows), "large.csv");
		const { child, ended } = startImport(path);
		await running("copy staged_sales", false);
		child.kill("SIGKILL");
		await ended;
		expect(await statuses()).toMatchObject([{ status: "running" }]);
		expect(await market.sales()).toEqual([]);
		expect(await market.load([sale()])).toMatchObject({ loaded: 1 });
		expect(await statuses()).toMatchObject([interrupted, { status: "loaded", message: null }]);
	}, 60_000);

	test("while it merges leaves what was there before, all of it and nothing else", async () => {
		await market.load([sale()]);
		const before = await market.sales();
		const path = await market.fixtures.file(
			csv([sale({ TRANS_VALUE: "2" }), sale({ TRANSACTION_NUMBER: "11-2-2031" })]),
		);
		await withSalesLocked(async () => {
			const { child, ended } = startImport(path);
			await running("update sales", true);
			child.kill("SIGKILL");
			await ended;
		});
		expect(await importFile(market.database, path)).toMatchObject({ loaded: 1, updated: 1 });
		expect(before).toMatchObject([{ price: 1_000_000 }]);
		expect(await statuses()).toMatchObject([{ status: "loaded" }, interrupted, { status: "loaded" }]);
	}, 60_000);
});

describe("two imports at once", () => {
	test("the second says that another is running and changes nothing", async () => {
		const path = await market.fixtures.file(csv([sale()]), "first.csv");
		await withSalesLocked(async () => {
			const { child, ended } = startImport(path);
			await running("update sales", true);
			await expect(importFile(market.database, path, { waitMs: 50 })).rejects.toThrow(
				"Another import is running (first.csv)",
			);
			child.kill("SIGKILL");
			await ended;
		});
	}, 60_000);

	test("the second waits for the first and then loads", async () => {
		const path = await market.fixtures.file(csv([sale()]));
		const summaries = await Promise.all([
			importFile(market.database, path),
			importFile(market.database, path),
		]);
		expect(summaries.map((summary) => summary.loaded).sort()).toEqual([0, 1]);
	});
});

test("an import whose connection the server ends fails, and the next one loads", async () => {
	const path = await market.fixtures.file(csv([sale()]));
	// Of its own: a pool that lost a connection takes its whole time limit to close.
	const handle = openDatabase({ url: market.database.url, max: 2 });
	let first: Promise<unknown> = Promise.resolve();
	await withSalesLocked(async () => {
		first = importFile(handle, path).catch((error: unknown) => error);
		await running("update sales", true);
		await market.database.sql`select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and query ilike 'update sales%'`;
	});
	expect(await first).toBeInstanceOf(Error);
	await handle.sql.end({ timeout: 0 });
	expect(await market.load([sale()])).toMatchObject({ loaded: 1 });
	expect(await statuses()).toMatchObject([interrupted, { status: "loaded" }]);
}, 60_000);

test("a run that changes something makes a new data version, one that does not leaves it", async () => {
	const version = () => marketVersion(market.database.db);
	const before = await version();
	await market.load([sale()]);
	const first = await version();
	expect(first).toBeGreaterThan(before);
	await market.load([sale()]);
	expect(await version()).toBe(first);
	await market.load([sale({ TRANS_VALUE: "3" })]);
	expect(await version()).toBeGreaterThan(first);
});
