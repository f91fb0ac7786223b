/**
 * `bun run bench:valuation`: how long a valuation takes that nobody has asked for before, one and a thousand of them,
 * and whether that stays so when the register grows. The method is in bench/README.md.
 */
import { runScript } from "../../scripts/run.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { soldSubjects } from "../market/subjects.ts";
import { buildMarkets } from "./market.ts";
import { readOptions, USAGE } from "./options.ts";
import { measurePieces } from "./pieces.ts";
import { jsonReport, textReport } from "./report.ts";
import { measureRounds, needs } from "./rounds.ts";

const SEED = 1;
/** Properties whose valuations are taken to pieces. */
const IN_PIECES = 400;

async function main(scope: Scope): Promise<number> {
	if (process.argv.includes("--help")) {
		process.stdout.write(`${USAGE}\n`);
		return 0;
	}
	const { files, rounds, json } = readOptions(process.argv.slice(2));
	const log = (line: string) => process.stderr.write(`${(performance.now() / 1000).toFixed(0)} s  ${line}\n`);
	const markets = await buildMarkets(scope, { files, callers: needs(rounds).callers, log });
	const subjects = await soldSubjects(markets.plain.url, SEED);
	const { subjects: needed } = needs(rounds);
	if (subjects.length < needed) {
		throw new TerminalError(
			`${rounds} rounds take ${needed} different properties, but only ${subjects.length} were sold.`,
		);
	}
	const measured = await measureRounds(scope, markets, subjects, { rounds, log });
	log("Taking valuations to pieces");
	const pieces = await measurePieces(scope, markets, subjects.slice(0, IN_PIECES));
	const seen = { markets, rounds: measured, pieces };
	if (!json) process.stdout.write(`${textReport(seen)}\n\n`);
	process.stdout.write(`${JSON.stringify(jsonReport(seen))}\n`);
	return 0;
}

await runScript(main);
