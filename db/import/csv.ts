import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
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
	if (gzipped) {
		const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
		// Zeros may pad the file after its gzip data. In one pipeline the end of the data would abort the reading of them.
		source.once("error", (error) => gunzip.destroy(error)).pipe(gunzip);
		pipeline(gunzip, text, parser, ended);
	} else pipeline(source, text, parser, ended);
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
		// Before `open`, which waits for a writer on a named pipe.
		const found = await stat(path);
		if (found.isDirectory()) throw new ImportError(`${path} is a folder, not a file.`);
		if (!found.isFile()) throw new ImportError(`${path} is not a regular file.`);
		const handle = await open(path, "r");
		try {
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
	let decoder: InstanceType<typeof TextDecoder> | undefined;
	for await (const chunk of chunks) {
		decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
		const text = decoded(decoder, file, chunk);
		if (text.includes("\0")) throw notText(file);
		yield decoder.encoding === "utf-8" ? chunk : Buffer.from(text);
	}
	if (decoder) decoded(decoder, file);
}

function encodingOf(chunk: Buffer) {
	if (chunk[0] === 0xff && chunk[1] === 0xfe) return "utf-16le";
	if (chunk[0] === 0xfe && chunk[1] === 0xff) return "utf-16be";
	return "utf-8";
}

/** The last chunk is followed by none, which is where half a character at the end of the file shows. */
function decoded(decoder: InstanceType<typeof TextDecoder>, file: string, chunk?: Buffer): string {
	try {
		return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
	} catch {
		throw notText(file);
	}
}

function notText(file: string): ImportError {
	return new ImportError(`${file} holds binary data, not CSV text in UTF-8 or UTF-16.`);
}

const FILE_ERRORS: Record<string, string> = {
	ENOENT: "does not exist",
	EACCES: "may not be read by this user",
	EISDIR: "is a folder, not a file",
	ENOTDIR: "does not exist",
	Z_BUF_ERROR: "ends in the middle of its gzip data: it was cut short, fetch it again",
	Z_DATA_ERROR: "holds damaged gzip data, fetch it again",
};

const CSV_ERRORS: Record<string, string> = {
	CSV_QUOTE_NOT_CLOSED: "a quote is opened and not closed (is the file cut short?)",
	CSV_MAX_RECORD_SIZE: "a row is larger than 1 MB (does a quote in it open and never close?)",
};

function inOneSentence(error: unknown, file: string, path = file): Error {
	if (error instanceof ImportError) return error;
	if (error instanceof CsvError) {
		const reason = CSV_ERRORS[error.code] ?? error.message;
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
