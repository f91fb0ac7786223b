import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { CsvError, parse } from "csv-parse";
import { ImportError } from "./errors.ts";

/** A record's cells, and the line of the file on which it ends. */
export interface CsvRecord {
	record: string[];
	info: { lines: number };
}

/** A quote that is never closed would otherwise take the whole rest of the file for one record. */
const MAX_RECORD_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a `.csv` or gzipped `.csv` file record by record; gzip is told by its first bytes. Holds a few chunks at a
 * time, however large the file.
 *
 * @throws {ImportError} one sentence on what is wrong with the file, also while iterating
 */
export async function* readCsv(path: string, file: string): AsyncGenerator<CsvRecord> {
	const first = await firstBytes(path, file);
	if (first.length === 0) throw new ImportError(`${file} is empty.`);
	const gzipped = first[0] === 0x1f && first[1] === 0x8b;
	const parser = parse({
		bom: true,
		info: true,
		relax_column_count: true,
		relax_quotes: true,
		skip_empty_lines: true,
		skip_records_with_empty_values: true,
		max_record_size: MAX_RECORD_BYTES,
	});
	const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
	const text = (chunks: AsyncIterable<Buffer>) => textOnly(chunks, file);
	// What goes wrong in any of the streams reaches the loop below through the parser.
	const ended = () => {};
	if (gzipped) pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), text, parser, ended);
	else pipeline(source, text, parser, ended);
	try {
		yield* parser as AsyncIterable<CsvRecord>;
	} catch (error) {
		throw inOneSentence(error, file);
	} finally {
		source.destroy();
	}
}

async function firstBytes(path: string, file: string): Promise<Buffer> {
	try {
		const handle = await open(path, "r");
		try {
			if ((await handle.stat()).isDirectory()) throw new ImportError(`${path} is a folder, not a file.`);
			const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
			return buffer.subarray(0, bytesRead);
		} finally {
			await handle.close();
		}
	} catch (error) {
		throw inOneSentence(error, file, path);
	}
}

/** Passes UTF-8 on as it is, turns UTF-16 with a byte order mark into it, and refuses what is no text at all. */
async function* textOnly(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
	let utf16: InstanceType<typeof TextDecoder> | undefined;
	let first = true;
	for await (const chunk of chunks) {
		if (first) {
			if (chunk[0] === 0xff && chunk[1] === 0xfe) utf16 = new TextDecoder("utf-16le");
			else if (!looksLikeText(chunk)) throw new ImportError(`${file} holds binary data, not CSV text.`);
			first = false;
		}
		yield utf16 ? Buffer.from(utf16.decode(chunk, { stream: true })) : chunk;
	}
}

function looksLikeText(chunk: Buffer): boolean {
	if (chunk.includes(0)) return false;
	try {
		// The chunk may end in the middle of a character, which `stream` allows.
		new TextDecoder("utf-8", { fatal: true }).decode(chunk, { stream: true });
		return true;
	} catch {
		return false;
	}
}

const FILE_ERRORS: Record<string, string> = {
	ENOENT: "does not exist",
	EACCES: "may not be read by this user",
	EISDIR: "is a folder, not a file",
	ENOTDIR: "does not exist",
	Z_BUF_ERROR: "ends in the middle of its gzip data: it was cut short, fetch it again",
	Z_DATA_ERROR: "holds damaged gzip data, fetch it again",
};

function inOneSentence(error: unknown, file: string, path = file): Error {
	if (error instanceof ImportError) return error;
	if (error instanceof CsvError) {
		const reason =
			error.code === "CSV_QUOTE_NOT_CLOSED" || error.code === "CSV_MAX_RECORD_SIZE"
				? "a quote is opened and not closed (is the file cut short?)"
				: error.message;
		return new ImportError(`${file} is not usable CSV at line ${error["lines"] ?? "?"}: ${reason}.`);
	}
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	const known = FILE_ERRORS[code];
	if (known) return new ImportError(`${path} ${known}.`, { cause: error });
	return new ImportError(
		`${path} cannot be read: ${error instanceof Error ? error.message : "unknown error"}.`,
		{
			cause: error,
		},
	);
}
