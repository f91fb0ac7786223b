import type { Connection } from "./connection.ts";
import type { SourceRecord } from "./records.ts";
import type { Counts } from "./summary.ts";

/**
 * All rejected rows are counted; this many of a run are kept, with so many cells, cut to so many characters. None is
 * kept any more once all together hold `KEPT_IN_ALL` characters, however few rows that are.
 */
const KEPT_ROWS = 10_000;
const KEPT_CELLS = 100;
const KEPT_CHARACTERS = 500;
const KEPT_IN_ALL = 8_000_000;

/** The rows of one run that could not be used. */
export class Rejections {
	readonly counts: Counts = {};
	total = 0;
	readonly #kept: { line: number; reason: string; raw: Record<string, string> }[] = [];
	#characters = 0;

	add(record: SourceRecord, reason: string): void {
		this.counts[reason] = (this.counts[reason] ?? 0) + 1;
		this.total += 1;
		if (this.#kept.length >= KEPT_ROWS || this.#characters >= KEPT_IN_ALL) return;
		const cells = Object.entries(record.raw())
			.slice(0, KEPT_CELLS)
			.map(([column, text]) => [shortened(column), shortened(text)] as const);
		for (const [column, text] of cells) this.#characters += column.length + text.length;
		this.#kept.push({ line: record.line, reason, raw: Object.fromEntries(cells) });
	}

	async save(sql: Connection, runId: number): Promise<void> {
		for (let from = 0; from < this.#kept.length; from += 500) {
			await sql`insert into rejected_rows (import_run_id, line, reason, raw)
				select ${runId}::int, line, reason, raw
				from jsonb_to_recordset(${JSON.stringify(this.#kept.slice(from, from + 500))}::text::jsonb)
					as kept (line int, reason text, raw jsonb)`;
		}
	}
}

/**
 * PostgreSQL keeps no NUL, not even in JSON. Cut text is copied: a slice would keep the whole cell in memory, and may
 * end in half of a character, which JSON for PostgreSQL must not (the copy has U+FFFD there).
 */
function shortened(text: string): string {
	const cut = text.length > KEPT_CHARACTERS ? Buffer.from(text.slice(0, KEPT_CHARACTERS)).toString() : text;
	return cut.replaceAll("\0", "");
}
