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
/** What later runs are held to, or what fails one, must not be one moment's. */
const ROUNDS_LONG = 21;

/** Case -> floor. */
const PAIRS: Readonly<Record<string, string>> = {
	"ours, memory hit, A": "Hono constant, A",
	"ours, memory hit, A, client without gzip": "Hono constant, A",
	"ours, Redis hit, A": "Hono + one GET, A",
	"ours, Redis hit, A, 64 keys": "Hono + one GET, A, 64 keys",
};

async function main(scope: Scope): Promise<number> {
	const log = (line: string) => process.stderr.write(`${line}\n`);
	const load = chooseLoad(scope);

	/** The median ratio of each case to its floor. */
	async function look(of: readonly string[], rounds: number): Promise<Record<string, number>> {
		const names = new Set(of.flatMap((name) => [name, PAIRS[name]]));
		const throughput = await measureCases(
			cases.filter(({ name }) => names.has(name)),
			{ scope, log, load, kinds: ownServers, rounds, seconds: 1, seed: Date.now() },
		);
		return Object.fromEntries(
			of.map((name) => {
				const against = seriesOf(throughput, PAIRS[name] ?? "", "cpu");
				const spread = ratioSpread(seriesOf(throughput, name, "cpu"), against);
				return [name, Number((spread?.median ?? Number.NaN).toFixed(3))];
			}),
		);
	}

	const names = Object.keys(PAIRS);
	if (process.argv.includes("--keep")) {
		const ratios = await look(names, ROUNDS_LONG);
		writeFileSync(KEPT, `${JSON.stringify(ratios, null, "\t")}\n`);
		log("This is the kept result from now on.");
		return 0;
	}
	const kept = JSON.parse(readFileSync(KEPT, "utf8")) as Record<string, number>;
	const most = (name: string) => (kept[name] ?? 0) * ALLOWED;
	let ratios = await look(names, ROUNDS);
	const above = names.filter((name) => !((ratios[name] ?? Number.NaN) <= most(name)));
	if (above.length > 0) {
		log(`Above what is allowed: ${above.join("; ")}. Looking longer, as it may have been the machine.`);
		ratios = { ...ratios, ...(await look(above, ROUNDS_LONG)) };
	}
	const verdicts = names.map((name) => ({
		name: `CPU of "${name}" against "${PAIRS[name]}"`,
		value: ratios[name] ?? Number.NaN,
		goal: most(name),
		kept: kept[name] ?? 0,
		met: (ratios[name] ?? Number.NaN) <= most(name),
	}));
	process.stdout.write(
		`${table(
			["CPU ratio", "kept", "now", "at most"],
			verdicts.map((one) => [one.name, one.kept.toFixed(2), one.value.toFixed(2), one.goal.toFixed(2)]),
		)}\n${JSON.stringify({ goals: verdicts, cases: [] })}\n`,
	);
	return verdicts.every(({ met }) => met) ? 0 : 1;
}

await runScript(main);
