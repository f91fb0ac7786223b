import { deriveLinks, dropWeakLinks, mergeCrosswalk } from "./area-links.ts";
import { applyNicknames, mergeAreas } from "./areas.ts";
import type { Cell } from "./cells.ts";
import type { Connection } from "./connection.ts";
import { copyInto, copyLine } from "./copy.ts";
import { ImportError, Rejection } from "./errors.ts";
import { mergeRentals } from "./merge-rentals.ts";
import { mergeSales } from "./merge-sales.ts";
import type { RecordSource } from "./records.ts";
import { Rejections } from "./rejections.ts";
import { keepApart } from "./sample-rows.ts";
import { createStaging, type Staging, stagedLinks, stagedRentals, stagedSales } from "./staging.ts";
import type { ImportSummary, MergeCounts } from "./summary.ts";

const PROGRESS_EVERY = 5_000;

interface Job extends RecordSource {
	runId: number;
	file: string;
}

interface Read {
	rows: number;
	rejections: Rejections;
}

/** Everything between `begin` and `commit`: stage the rows, merge them, put on record what that changed. */
export async function load(
	sql: Connection,
	job: Job,
	onProgress?: (rowsRead: number) => void,
): Promise<ImportSummary> {
	await sql`set local work_mem = '64MB'`;
	// Planning by just-in-time compilation costs more than it saves on statements that run once.
	await sql`set local jit = off`;
	const read: Read = { rows: 0, rejections: new Rejections() };
	const merge = await stage(sql, job, read, onProgress);
	if (read.rows === 0) throw new ImportError(`${job.file} holds a header and no rows.`);

	const sampleRemoved = job.format.kind === "links" ? undefined : await keepApart(sql, job.format.source);
	const counts = await merge();
	// A row that changes nothing else may still have brought an area of which the name was another's alias.
	await applyNicknames(sql);
	if (counts.loaded + counts.updated > 0 || sampleRemoved) await deriveLinks(sql);
	// Written down by the triggers of the tables, which also tell the servers once this is committed.
	const [touched] = await sql<{ area_ids: number[] }[]>`select area_ids from market_changes
		where "transaction" = pg_current_xact_id() and version is null`;
	const summary: ImportSummary = {
		runId: job.runId,
		file: job.file,
		format: job.format.name,
		read: read.rows,
		...counts,
		rejected: read.rejections.counts,
		...(sampleRemoved ? { sampleRemoved } : {}),
		touchedAreaIds: touched?.area_ids ?? [],
	};
	await read.rejections.save(sql, job.runId);
	await record(sql, summary);
	return summary;
}

/** Streams the rows into a temporary table and answers what merges that table. */
async function stage(
	sql: Connection,
	job: Job,
	read: Read,
	onProgress: ((rowsRead: number) => void) | undefined,
): Promise<() => Promise<MergeCounts>> {
	const { format, runId } = job;
	const copy = async <Row>(reader: { read(cell: Cell): Row }, staging: Staging<Row>) => {
		await createStaging(sql, staging);
		await copyInto(sql, staging, lines(job, reader, staging, read, onProgress));
		await sql`analyze ${sql(staging.table)}`;
	};
	const accepted = () => read.rows - read.rejections.total;
	switch (format.kind) {
		case "sales":
			await copy(format, stagedSales);
			return async () => {
				await mergeAreas(sql, { table: stagedSales.table, key: "area_key", name: "area_name" });
				return mergeSales(sql, format.source, runId, accepted());
			};
		case "rentals":
			await copy(format, stagedRentals);
			return async () => {
				await mergeAreas(sql, { table: stagedRentals.table, key: "area_key", name: "area_name" });
				return mergeRentals(sql, format.source, runId, accepted());
			};
		case "links":
			await copy(format, stagedLinks);
			return async () => {
				await dropWeakLinks(sql);
				await mergeAreas(sql, { table: stagedLinks.table, key: "sales_key", name: "sales_name" });
				await mergeAreas(sql, { table: stagedLinks.table, key: "rental_key", name: "rental_name" });
				return mergeCrosswalk(sql, accepted());
			};
	}
}

/** Reads each record into a line for COPY; a record that cannot be used is counted and left out. */
async function* lines<Row>(
	job: Job,
	reader: { read(cell: Cell): Row },
	staging: Staging<Row>,
	read: Read,
	onProgress: ((rowsRead: number) => void) | undefined,
): AsyncGenerator<string> {
	for await (const record of job.records) {
		read.rows += 1;
		if (onProgress && read.rows % PROGRESS_EVERY === 0) onProgress(read.rows);
		let row: Row;
		try {
			row = reader.read(record.cell);
		} catch (error) {
			if (!(error instanceof Rejection)) throw error;
			read.rejections.add(record, error.reason);
			continue;
		}
		yield copyLine(staging.values(row, record.line));
	}
	onProgress?.(read.rows);
}

/** Completes the run's row. */
async function record(sql: Connection, summary: ImportSummary): Promise<void> {
	await sql`update import_runs set
			status = 'loaded', finished_at = clock_timestamp(), format = ${summary.format},
			rows_read = ${summary.read}, rows_loaded = ${summary.loaded}, rows_updated = ${summary.updated},
			rows_already_there = ${summary.alreadyThere},
			rejected = ${JSON.stringify(summary.rejected)}::text::jsonb,
			non_market = ${JSON.stringify(summary.nonMarket)}::text::jsonb
		where id = ${summary.runId}`;
}
