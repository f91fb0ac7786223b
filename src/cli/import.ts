import { parseArgs } from "node:util";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { type Counts, ImportError, type ImportSummary, importFile } from "../../db/import/index.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { runCommand, TerminalError } from "./terminal.ts";

const USAGE = `Loads official files of the Dubai Land Department into the database.

  bun run import FILE...
      Each FILE is .csv, plain or gzipped; its header says what it is. A file is loaded whole or not at all,
      and loading it again changes nothing. What is read, and by which rules, is in docs/data.md.

The database is DATABASE_URL, or that of a running \`bun run dev\`.`;

async function main(): Promise<void> {
	const files = readFiles(process.argv.slice(2));
	const url = await databaseUrl(process.env);
	if (!process.env["DATABASE_URL"] && !process.env["DATABASE_DIRECT_URL"])
		console.log("Importing into the database of the running `bun run dev`.");
	const database = openDatabase({
		url,
		max: 2,
		statementTimeoutMs: 0,
		applicationName: "retyn-avm-import",
	});
	try {
		for (const file of files) await importOne(database, file);
	} finally {
		await database.close();
	}
}

function readFiles(args: string[]): string[] {
	const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
	if (positionals.length === 0) throw new TerminalError(USAGE);
	return positionals;
}

/** A file that cannot be used is reported and does not keep the others from being loaded. */
async function importOne(database: DatabaseHandle, path: string): Promise<void> {
	const start = performance.now();
	const progress = progressLine(path);
	try {
		const summary = await importFile(database, path, { onProgress: progress.show });
		progress.clear();
		console.log(describe(summary, (performance.now() - start) / 1000));
	} catch (error) {
		progress.clear();
		if (!(error instanceof ImportError)) throw error;
		console.error(error.message);
		process.exitCode = 2;
	}
}

function areas({ touchedAreaIds }: ImportSummary): string {
	return touchedAreaIds.length === 1 ? "1 area" : `${figure(touchedAreaIds.length)} areas`;
}

function describe(summary: ImportSummary, seconds: number): string {
	const { file, format, read, loaded, updated, alreadyThere, sampleRemoved } = summary;
	const removed = sampleRemoved
		? [
				`  removed the made-up sample: ${figure(sampleRemoved.sales)} sales, ${figure(sampleRemoved.rentals)} rental contracts,`,
				"  and what was learned from it: `bun run model train` learns from what is loaded now",
			]
		: [];
	return [
		`${file}: ${format}, ${seconds.toFixed(1)} s`,
		`  read ${figure(read)}, loaded ${figure(loaded)}, updated ${figure(updated)}, already there ${figure(alreadyThere)}`,
		`  rejected: ${byReason(summary.rejected)}`,
		`  non-market among loaded and updated: ${byReason(summary.nonMarket)}`,
		...removed,
		...(summary.touchedAreaIds.length > 0
			? [`  servers forget what they answered about ${areas(summary)}`]
			: []),
	].join("\n");
}

function byReason(counts: Counts): string {
	const reasons = Object.entries(counts).sort(([, a], [, b]) => b - a);
	return reasons.length === 0 ? "none" : reasons.map(([reason, n]) => `${reason} ${figure(n)}`).join(", ");
}

function figure(value: number): string {
	return value.toLocaleString("en");
}

/** One line that is written over, on a terminal only: a log file gets the summary alone. */
function progressLine(path: string) {
	const { stderr } = process;
	return {
		show(rowsRead: number) {
			if (stderr.isTTY) stderr.write(`\r${path}: ${figure(rowsRead)} rows read`);
		},
		clear() {
			if (stderr.isTTY) stderr.write("\r\u001B[K");
		},
	};
}

await runCommand(main, USAGE);
