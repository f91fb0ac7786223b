/**
 * `bun run bench`: how fast the cache is, against what one would use instead, measured side by side in one run. The
 * method is in bench/README.md; nothing here is needed by the house itself.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { REPORTS } from "../scripts/reports.ts";
import { runScript } from "../scripts/run.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { coldScenario } from "./faults/cold.ts";
import { frozenScenario } from "./faults/frozen.ts";
import { killedScenario } from "./faults/killed.ts";
import { goals } from "./goals.ts";
import { signedInServers } from "./market/kinds.ts";
import { mixScenario } from "./market/mix.ts";
import { routesScenario } from "./market/routes.ts";
import { chooseLoad } from "./measure/choose-load.ts";
import { Missing, type ServerKind } from "./measure/server.ts";
import { type Options, planOf, readOptions, USAGE } from "./options.ts";
import { installPeers, installPrograms } from "./peers/install.ts";
import { peerServers } from "./peers/kinds.ts";
import { jsonReport, type RunFacts } from "./report/json.ts";
import { caseTable, goalTable, scenarioTable } from "./report/text.ts";
import type { Bench, Scenario, ScenarioResult } from "./scenario.ts";
import { ownServers } from "./servers/kinds.ts";
import { measureCases, type Throughput } from "./throughput.ts";
import { judge } from "./verdict.ts";

const REPORT = join(REPORTS, "bench.json");
/** Faults are done to our server and to every library that keeps its entries in Redis. */
const isLibraryWithRedis = ({ name, usesRedis }: ServerKind) => usesRedis && !name.endsWith("-objects");

async function main(scope: Scope): Promise<number> {
	if (process.argv.includes("--help")) {
		process.stdout.write(`${USAGE}\n`);
		return 0;
	}
	const options = readOptions(process.argv.slice(2), process.env);
	const scenarios = allScenarios();
	const plan = planOf(options, scenarios);
	const log = (line: string) => process.stderr.write(`${line}\n`);
	installPrograms(log);
	await installPeers(scope, log);
	const load = chooseLoad(scope, options.load);
	const bench: Bench = {
		scope,
		load,
		log,
		rounds: options.rounds,
		seed: options.seed,
		dataFolder: options.dataFolder,
	};

	const throughput: Throughput =
		plan.cases.length > 0
			? await measureCases(plan.cases, {
					...bench,
					seconds: options.seconds,
					kinds: [...ownServers, ...peerServers, ...signedInServers],
				})
			: { measured: new Map(), missing: new Map() };
	const results = new Map<Scenario, ScenarioResult>();
	for (const scenario of plan.scenarios) results.set(scenario, await runScenario(scenario, bench));

	const figures = new Map([...results.values()].flatMap((result) => Object.entries(result.figures)));
	const verdicts = goals
		.map((goal) => judge(goal, { ...throughput, figures }))
		.filter((verdict) => verdict !== undefined);
	const byPart = new Map([...results].map(([{ part }, result]) => [part, result]));
	const report = JSON.stringify(jsonReport(factsOf(options, load.name), verdicts, throughput, byPart));
	mkdirSync(REPORTS, { recursive: true });
	writeFileSync(REPORT, `${report}\n`);
	if (!options.json) {
		const parts = [
			...(throughput.measured.size > 0 ? [caseTable(throughput)] : []),
			...[...results].map(([{ title, method }, result]) => `${title}\n${method}\n\n${scenarioTable(result)}`),
			...(verdicts.length > 0 ? [goalTable(verdicts)] : []),
			`The same as JSON: ${REPORT}`,
		];
		process.stdout.write(`\n${parts.join("\n\n")}\n`);
	}
	process.stdout.write(`${report}\n`);
	return 0;
}

function allScenarios(): Scenario[] {
	const own = ownServers.filter(({ name }) => /^ours-(tiers|redis)$|^naive$/.test(name));
	const kinds = [...own, ...peerServers.filter(isLibraryWithRedis)];
	return [coldScenario(kinds), frozenScenario(kinds), killedScenario(kinds), routesScenario, mixScenario];
}

async function runScenario(scenario: Scenario, bench: Bench): Promise<ScenarioResult> {
	bench.log(scenario.title);
	try {
		return await scenario.run(bench);
	} catch (error) {
		if (!(error instanceof Missing)) throw error;
		bench.log(`Without "${scenario.title}": ${error.message}`);
		return { rows: [{ name: scenario.part, missing: error.message, figures: {} }], figures: {} };
	}
}

function factsOf({ rounds, seconds, seed }: Options, load: string): RunFacts {
	const [first, ...others] = cpus();
	return {
		date: new Date().toISOString(),
		machine: `${others.length + 1} x ${first?.model.trim() ?? "unknown processor"}, Linux ${release()}`,
		bun: Bun.version,
		load,
		rounds,
		seconds,
		seed,
	};
}

await runScript(main);
