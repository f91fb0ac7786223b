import { type Cell, present } from "./cells.ts";
import { readCsv } from "./csv.ts";
import { ImportError, Rejection } from "./errors.ts";
import type { Format } from "./formats/format.ts";
import { columnName, recognise, websiteFormat } from "./formats/index.ts";
import type { Source } from "./summary.ts";

/** One row of a source, not yet read. */
export interface SourceRecord {
	line: number;
	/** @throws {Rejection} when the record does not fit the header */
	cell: Cell;
	/** The cells as they came, for the table of rejected rows. */
	raw(): Record<string, string>;
}

export interface RecordSource {
	format: Format;
	records: AsyncIterable<SourceRecord> | Iterable<SourceRecord>;
}

/**
 * Opens a file and recognises it by its header.
 *
 * @throws {ImportError} one sentence on what is wrong with the file
 */
export async function recordsOfFile(path: string, file: string): Promise<RecordSource> {
	const csv = readCsv(path, file);
	const head = await csv.next();
	if (head.done) throw new ImportError(`${file} is empty.`);
	const header = head.value.record;
	const columns = header.map(columnName);
	try {
		const format = recognise(columns, file);
		const wanted = [...format.required, ...format.optional];
		const positions = new Map(
			wanted.map((column) => [column, columns.indexOf(column)] as const).filter(([, at]) => at >= 0),
		);
		return { format, records: recordsOfCsv(csv, header, positions) };
	} catch (error) {
		await csv.return(undefined);
		throw error;
	}
}

async function* recordsOfCsv(
	csv: ReturnType<typeof readCsv>,
	header: readonly string[],
	positions: ReadonlyMap<string, number>,
): AsyncGenerator<SourceRecord> {
	for await (const { record, info } of csv) {
		const fits =
			record.length === header.length ||
			(record.length > header.length && record.slice(header.length).every((cell) => cell === ""));
		yield {
			line: info.lines,
			cell(column) {
				if (!fits) throw new Rejection("wrong-column-count");
				const at = positions.get(column);
				return at === undefined ? undefined : present(record[at]);
			},
			raw: () => Object.fromEntries(record.map((cell, at) => [header[at] || `column ${at + 1}`, cell])),
		};
	}
}

export interface GeneratedRecords {
	format: "website-sales" | "website-rents";
	source: Source;
	/** What the import run is called. */
	file: string;
	/** Keyed by the website's column names; a column that is absent is empty. */
	records: AsyncIterable<Record<string, string>> | Iterable<Record<string, string>>;
}

/** Records that are already split into cells, of whatever origin. */
export function recordsOfObjects(input: GeneratedRecords): RecordSource {
	return {
		format: { ...websiteFormat(input.format), source: input.source },
		records: numbered(input.records),
	};
}

async function* numbered(records: GeneratedRecords["records"]): AsyncGenerator<SourceRecord> {
	let line = 0;
	for await (const record of records) {
		line += 1;
		yield { line, cell: (column) => present(record[column]), raw: () => record };
	}
}
