import { parseArgs } from "node:util";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { listModels, putModelToUse } from "../../db/queries/models.ts";
import { dayOfNumber } from "../lib/days.ts";
import type { Report } from "../ratio-study/study.ts";
import { METHOD } from "../valuation/model.ts";
import { renewModel } from "../valuation/training/renew.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { runCommand, TerminalError } from "./terminal.ts";

const USAGE = `Trains the valuation's models, and says which one values.

  bun run model train     Learns from all sales in the database and puts the model to use, with its accuracy on the last
                          month: that of a model which was trained on the sales before it.
  bun run model list      The models that are kept, the one in use first.
  bun run model use VERSION   Puts an earlier one to use again.

The database is DATABASE_URL, or that of a running \`bun run dev\`.`;

/** Whatever keeps answers finds that another model values, and forgets what the one before had worked out. */
const FOLLOWED = "  servers take it up within a second where they run, and as they start where none does";

async function main(): Promise<void> {
	const { positionals } = parseArgs({ args: process.argv.slice(2), allowPositionals: true, options: {} });
	const [command, version, ...more] = positionals;
	if (more.length > 0 || (command === "use") !== (version !== undefined)) throw new TerminalError(USAGE);
	const run = new Map([
		["train", train],
		["list", list],
		["use", (database: DatabaseHandle) => use(database, version ?? "")],
	]).get(command ?? "");
	if (!run) throw new TerminalError(USAGE);
	const database = openDatabase({
		url: await databaseUrl(process.env),
		max: 1,
		statementTimeoutMs: 0,
		applicationName: "retyn-avm-model",
	});
	try {
		await run(database);
	} finally {
		await database.close();
	}
}

async function train({ db }: DatabaseHandle): Promise<void> {
	const renewed = await renewModel(db, new Date());
	if (!renewed) throw new TerminalError("There are no sales to learn from: import some first.");
	const { model, accuracy } = renewed;
	console.log(
		`${model.version}: trained on ${model.sales.toLocaleString("en")} sales from ${dayOfNumber(model.dataFrom)} to ` +
			`${dayOfNumber(model.dataThrough)} in ${(performance.now() / 1000).toFixed(0)} s`,
	);
	console.log(accuracy ? summary(accuracy) : "  too few sales to measure its accuracy");
	console.log(FOLLOWED);
}

function summary({ protocol, segments }: Report): string {
	const all = segments.find(({ segment }) => segment === "all");
	const percent = (share: number | null | undefined) =>
		share == null ? "NA" : `${(100 * share).toFixed(1)} %`;
	return (
		`  on ${all?.n.toLocaleString("en")} sales from ${protocol.test_from} to ${protocol.test_to}, known to nobody: ` +
		`median error ${percent(all?.mdape)}, within 10 % of the price ${percent(all?.ppe10)}`
	);
}

async function list({ db }: DatabaseHandle): Promise<void> {
	const models = await listModels(db, METHOD);
	if (models.length === 0)
		console.log(`No model of the method ${METHOD} is kept: bun run model train makes one.`);
	for (const [index, { version, trainedAt, dataThrough, sales }] of models.entries()) {
		console.log(
			`${index === 0 ? "in use " : "       "} ${version}  trained ${trainedAt.toISOString().slice(0, 10)} on ` +
				`${sales.toLocaleString("en")} sales up to ${dataThrough}`,
		);
	}
}

async function use({ db }: DatabaseHandle, version: string): Promise<void> {
	if (!(await putModelToUse(db, version, METHOD))) {
		throw new TerminalError(
			`There is no model ${version} of the method ${METHOD}: bun run model list shows them.`,
		);
	}
	console.log(`${version} values from now on.`);
	console.log(FOLLOWED);
}

await runCommand(main, USAGE);
