import { parseArgs } from "node:util";
import { openDatabase } from "../db/client.ts";
import { importFile } from "../db/import/index.ts";
import { migrateDatabase } from "../db/migrate.ts";
import { armsLengthSales } from "../db/queries/sales.ts";
import { databaseUrl } from "../src/cli/dev/database-url.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { TerminalError } from "../src/cli/terminal.ts";
import { dayNumber } from "../src/lib/days.ts";
import { formatMarkdown, formatText } from "../src/ratio-study/format.ts";
import { studyAccuracy } from "../src/valuation/accuracy.ts";
import { runScript } from "./run.ts";
import { startThrowAwayPostgres, temporaryFolder } from "./throw-away-postgres.ts";

const USAGE = `Says how good the valuations are, on sales that they could not know.

  bun run ratio-study --test-from YYYY-MM-DD [--test-to YYYY-MM-DD] [--sales FILE...] [--json | --markdown]
      A model is trained on the sales registered before --test-from; each one from that day on is valued by it with what
      was registered before its own day. With --sales the official FILEs are read into a database that is thrown
      away afterwards; without, the sales are those of DATABASE_URL, or of a running \`bun run dev\`.
      --json prints one object on one line, --markdown the tables of docs/valuation.md.`;

async function study(scope: Scope): Promise<number> {
	const { testFrom, testTo, files, form } = readArguments();
	const url = files.length > 0 ? await importedInto(scope, files) : await databaseUrl(process.env);
	const database = openDatabase({ url, max: 1, statementTimeoutMs: 0 });
	scope.defer(() => database.close());
	say("Reading the sales ...");
	const records = await armsLengthSales(database.db);
	say(`Training, and valuing the sales from ${testFrom} on ...`);
	const report = studyAccuracy(records, {
		testFrom: dayNumber(testFrom),
		...(testTo && { testTo: dayNumber(testTo) }),
	});
	say(`Done after ${(performance.now() / 1000).toFixed(0)} s.`);
	console.log(form === "json" ? JSON.stringify(report) : form(report));
	return 0;
}

function readArguments() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			"test-from": { type: "string" },
			"test-to": { type: "string" },
			sales: { type: "string", multiple: true },
			json: { type: "boolean" },
			markdown: { type: "boolean" },
		},
	});
	const { "test-from": testFrom, "test-to": testTo, sales = [] } = values;
	if (!testFrom || ![testFrom, testTo ?? testFrom].every(isDay)) throw new TerminalError(USAGE);
	if (positionals.length > 0 && sales.length === 0) throw new TerminalError(USAGE);
	const form = values.json ? ("json" as const) : values.markdown ? formatMarkdown : formatText;
	return { testFrom, testTo, files: [...sales, ...positionals], form };
}

function isDay(text: string): boolean {
	return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

async function importedInto(scope: Scope, files: readonly string[]): Promise<string> {
	const folder = await temporaryFolder(scope);
	const url = (await startThrowAwayPostgres(scope, folder, {})).url("postgres");
	await migrateDatabase(url);
	const database = openDatabase({ url, max: 2, statementTimeoutMs: 0 });
	try {
		for (const file of files) {
			say(`Importing ${file} ...`);
			await importFile(database, file);
		}
	} finally {
		await database.close();
	}
	return url;
}

/** Beside the report, which may go into a file. */
function say(text: string): void {
	console.error(text);
}

await runScript(study);
