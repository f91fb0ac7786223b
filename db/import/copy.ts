import { type Connection, connectionLost } from "./connection.ts";
import type { Staging, Value } from "./staging.ts";

const FLUSH_CHARACTERS = 64 * 1024;

/**
 * Streams lines into a staging table. Waits for the socket after each 64 KB, so that a slow server slows the reader
 * down instead of filling memory.
 */
export async function copyInto<Row>(
	sql: Connection,
	staging: Staging<Row>,
	lines: AsyncIterable<string>,
): Promise<void> {
	const sink = await sql.unsafe(`copy ${staging.table} from stdin`).writable();
	const failed = new Promise<never>((_, reject) => {
		sink.once("error", reject);
		sink.once("close", () => reject(new Error("The database closed the connection during COPY.")));
	});
	// The driver reports a refusal on the stream at any time, also when nobody waits for it just then.
	failed.catch(() => {});
	const write = (text: string) =>
		Promise.race([
			failed,
			new Promise<void>((resolve, reject) => {
				sink.write(text, (error) => (error ? reject(error) : resolve()));
			}),
		]);
	try {
		let buffer = "";
		for await (const line of lines) {
			buffer += line;
			if (buffer.length < FLUSH_CHARACTERS) continue;
			await write(buffer);
			buffer = "";
		}
		if (buffer) await write(buffer);
	} catch (error) {
		// CopyFail: the server forgets what it was sent, and the connection can be told to roll back.
		sink.destroy(error instanceof Error ? error : new Error(String(error)));
		throw error;
	}
	sink.end();
	// The driver never settles the stream when the server refuses the last rows or dies there. A statement behind it on
	// the same connection does: it fails in the failed transaction. It can be sent once the stream's end is on its way.
	await new Promise((resolve) => setImmediate(resolve));
	try {
		await sql`select 1`;
	} catch (error) {
		if (connectionLost(error)) throw error;
		throw new Error("The database refused the rows during COPY; its own log says why.", { cause: error });
	}
}

/** One line of COPY's text format. */
export function copyLine(values: readonly Value[]): string {
	return `${values.map(copyText).join("\t")}\n`;
}

function copyText(value: Value): string {
	switch (typeof value) {
		case "undefined":
			return "\\N";
		case "string":
			return /[\\\t\n\r]/.test(value)
				? value.replace(/[\\\t\n\r]/g, (special) => `\\${ESCAPES[special]}`)
				: value;
		case "boolean":
			return value ? "t" : "f";
		default:
			return String(value);
	}
}

const ESCAPES: Record<string, string> = { "\\": "\\", "\t": "t", "\n": "n", "\r": "r" };
