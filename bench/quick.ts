/**
 * `bun run bench:quick`: a minute's look at whether a hit has become dearer. It holds the processor time of our cases,
 * each as a ratio to a floor that is measured beside it, to the kept result, and never looks at requests per second,
 * which say more about the machine. `--keep` makes what it saw the kept result.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { runScript } from "../scripts/run.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { cases } from "./cases.ts";
import { chooseLoad } from "./measure/choose-load.ts";
import { ratioSpread } from "./measure/spread.ts";
import { table } from "./report/text.ts";
import { ownServers } from "./servers/kinds.ts";
import { measureCases } from "./throughput.ts";
import { seriesOf } from "./verdict.ts";

const KEPT = new URL("kept.json", import.meta.url);
/** By how much a ratio may be above the kept one: more than what the same code gives from run to run. */
const ALLOWED = 1.25;

const ROUNDS = 5;
/** What later runs are held to must not be a lucky moment's. */
const ROUNDS_TO_KEEP = 21;

/** Case -> floor. */
const PAIRS: Readonly<Record<string, string>> = {
	"ours, memory hit, A": "Hono constant, A",
	"ours, memory hit, A, client without gzip": "Hono constant, A",
	"ours, Redis hit, A": "Hono + one GET, A",
	"ours, Redis hit, A, 64 keys": "Hono + one GET, A, 64 keys",
};

async function main(scope: Scope): Promise<number> {
	const log = (line: string) => process.stderr.write(`${line}\n`);
	const keep = process.argv.includes("--keep");
	const names = new Set(Object.entries(PAIRS).flat());
	const throughput = await measureCases(
		cases.filter(({ name }) => names.has(name)),
		{
			scope,
			log,
			load: chooseLoad(scope),
			kinds: ownServers,
			rounds: keep ? ROUNDS_TO_KEEP : ROUNDS,
			seconds: 1,
			seed: Date.now(),
		},
	);
	const ratios = Object.entries(PAIRS).map(([of, against]) => {
		const spread = ratioSpread(seriesOf(throughput, of, "cpu"), seriesOf(throughput, against, "cpu"));
		return { name: of, value: spread?.median ?? Number.NaN };
	});
	if (keep) {
		const kept = Object.fromEntries(ratios.map(({ name, value }) => [name, Number(value.toFixed(3))]));
		writeFileSync(KEPT, `${JSON.stringify(kept, null, "\t")}\n`);
		log("This is the kept result from now on.");
		return 0;
	}
	const kept = JSON.parse(readFileSync(KEPT, "utf8")) as Record<string, number>;
	const verdicts = ratios.map(({ name, value }) => {
		const goal = (kept[name] ?? 0) * ALLOWED;
		return {
			name: `CPU of "${name}" against "${PAIRS[name]}"`,
			value,
			goal,
			kept: kept[name] ?? 0,
			met: value <= goal,
		};
	});
	process.stdout.write(
		`${table(
			["CPU ratio", "kept", "now", "at most"],
			verdicts.map((one) => [one.name, one.kept.toFixed(2), one.value.toFixed(2), one.goal.toFixed(2)]),
		)}\n${JSON.stringify({ goals: verdicts, cases: [] })}\n`,
	);
	return verdicts.every(({ met }) => met) ? 0 : 1;
}

await runScript(main);
