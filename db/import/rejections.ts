import type { Connection } from "./connection.ts";
import type { SourceRecord } from "./records.ts";
import type { Counts } from "./summary.ts";

/** All rejected rows are counted; this many of a run are kept, with so many cells, cut to so many characters. */
const KEPT_ROWS = 10_000;
const KEPT_CELLS = 100;
const KEPT_CHARACTERS = 500;

/** The rows of one run that could not be used. */
export class Rejections {
	readonly counts: Counts = {};
	total = 0;
	readonly #kept: { line: number; reason: string; raw: Record<string, string> }[] = [];

	add(record: SourceRecord, reason: string): void {
		this.counts[reason] = (this.counts[reason] ?? 0) + 1;
		this.total += 1;
		if (this.#kept.length >= KEPT_ROWS) return;
		const cells = Object.entries(record.raw()).slice(0, KEPT_CELLS);
		this.#kept.push({
			line: record.line,
			reason,
			raw: Object.fromEntries(cells.map(([column, text]) => [shortened(column), shortened(text)])),
		});
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

/** PostgreSQL keeps no NUL, not even in JSON. */
function shortened(text: string): string {
	return text.slice(0, KEPT_CHARACTERS).replaceAll("\0", "");
}
