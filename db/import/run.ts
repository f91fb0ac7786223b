import { basename } from "node:path";
import type { DatabaseHandle } from "../client.ts";
import { refreshViews } from "../market-views.ts";
import { type Connection, connectionLost, withImportLock } from "./connection.ts";
import { ImportError } from "./errors.ts";
import { load } from "./load.ts";
import { type GeneratedRecords, type RecordSource, recordsOfFile, recordsOfObjects } from "./records.ts";
import { changedSomething, type ImportSummary } from "./summary.ts";

export interface ImportOptions {
	/** Called every few thousand rows. */
	onProgress?(rowsRead: number): void;
	/** How long to wait for another import to end before giving up. */
	waitMs?: number;
}

const WAIT_MS = 15_000;

/**
 * Loads one official file (`.csv`, plain or gzipped), of whichever known format its header says it is. All of it
 * becomes visible at once, or nothing. Uses two connections.
 *
 * @throws {ImportError} one sentence when the file cannot be used or another import is running
 */
export function importFile(
	handle: DatabaseHandle,
	path: string,
	options: ImportOptions = {},
): Promise<ImportSummary> {
	const file = basename(path);
	return runImport(handle, file, () => recordsOfFile(path, file), options);
}

/**
 * Loads records of the website's shape that do not come from a file, in the same way.
 *
 * @throws {ImportError} for `sample` records where official rows are, or when another import is running
 */
export function importRecords(
	handle: DatabaseHandle,
	input: GeneratedRecords,
	options: ImportOptions = {},
): Promise<ImportSummary> {
	return runImport(handle, input.file, async () => recordsOfObjects(input), options);
}

/**
 * The run's own row is written outside of the transaction that loads, so that it tells of a run that failed. A run
 * that was killed cannot tell; the next one does it, as the lock proves that nobody is running any more.
 */
async function runImport(
	handle: DatabaseHandle,
	file: string,
	open: () => Promise<RecordSource>,
	options: ImportOptions,
): Promise<ImportSummary> {
	return withImportLock(handle, options.waitMs ?? WAIT_MS, async (sql) => {
		await sql`update import_runs set status = 'interrupted', finished_at = now(),
			message = 'The import was ended from outside before it was through.' where status = 'running'`;
		const [run] = await sql<{ id: number }[]>`insert into import_runs (file) values (${file}) returning id`;
		if (!run) throw new Error("The import run was not recorded.");
		const summary = await loadOrRecordFailure(sql, run.id, async () =>
			load(sql, { runId: run.id, file, ...(await open()) }, options.onProgress),
		);
		if (changedSomething(summary)) {
			// A running server does it too, at the latest when it hears of the commit; there may be none.
			await refreshViews(handle, { wait: true });
			// So that evidence is read from its index alone.
			await sql`vacuum (analyze) areas, projects, sales, rentals, area_links`;
		}
		return summary;
	});
}

/** Does `work` in a transaction; with the connection gone the server rolls back, and the next run records it. */
async function loadOrRecordFailure<T>(sql: Connection, runId: number, work: () => Promise<T>): Promise<T> {
	await sql`begin`;
	try {
		const result = await work();
		await sql`commit`;
		return result;
	} catch (error) {
		if (connectionLost(error)) throw error;
		const message =
			error instanceof ImportError
				? error.message
				: "The import failed inside; the log of the command says more.";
		await sql`rollback`;
		await sql`update import_runs set status = 'failed', finished_at = now(), message = ${message}
			where id = ${runId}`;
		throw error;
	}
}
