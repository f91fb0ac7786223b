/**
 * `bun run load`: several hundred signed-in users ask one instance, then three, each behind nginx: for a minute in which all is
 * well, and for one in which Redis and then the database are killed and come back. Every answer is checked. Exit code 1 when
 * callers saw what they must not.
 */
import { createMix } from "../bench/market/mix-requests.ts";
import { chooseLoad } from "../bench/measure/choose-load.ts";
import type { Scope } from "../src/cli/dev/scope.ts";
import { TerminalError } from "../src/cli/terminal.ts";
import { conclude, type Finding } from "./findings.ts";
import { type Crowd, prepareCrowd, SEED } from "./load/crowd.ts";
import { letFaultsHappen, phasesOf, QUICK, scheduleFor, secondsOf } from "./load/faults.ts";
import { figuresOf } from "./load/figures.ts";
import { type LoadOptions, loadOptions } from "./load/options.ts";
import { brokenInFaults, brokenWhileWell, recoveryOf } from "./load/promises.ts";
import {
	figuresTable,
	type Recovered,
	type Row,
	recoveryLines,
	type Used,
	usageTable,
} from "./load/report.ts";
import { watchedRun } from "./load/watched-run.ts";
import { runScript } from "./run.ts";
import { type Fleet, startFleet } from "./system/fleet.ts";
import { type Ground, prepareGround } from "./system/ground.ts";
import { PATIENT } from "./system/instance.ts";

/** Connections that are always busy, which shows how much more could be asked. */
const SATURATION = { connections: 64, seconds: 5 };

interface Results {
	readonly rows: Row[];
	readonly used: Used[];
	readonly recovered: Recovered[];
	/** Instances -> requests a second that were answered when everybody asked as fast as they could. */
	readonly saturation: [instances: number, perSecond: number][];
	/** What callers were promised, and how it was kept. */
	readonly findings: Finding[];
}

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(scope: Scope): Promise<number> {
	const options = loadOptions(process.argv.slice(2));
	const ground = await prepareGround(scope, { dataFolder: process.env["DLD_DATA_DIR"] });
	const results: Results = { rows: [], used: [], recovered: [], saturation: [], findings: [] };
	for (const instances of options.instances) {
		await ground.redis.client.flushall();
		const settings = options.quick ? PATIENT : {};
		const fleet = await startFleet(scope, ground, { instances, settings });
		await measure(scope, ground, fleet, options, results);
		await fleet.stop();
	}
	print(options, ground, results);
	return conclude("load", results.findings);
}

async function measure(scope: Scope, ground: Ground, fleet: Fleet, options: LoadOptions, results: Results) {
	const run = fleet.instances.length === 1 ? "1 instance" : `${fleet.instances.length} instances`;
	const schedule = options.quick ? QUICK : scheduleFor(options.seconds);
	const seconds = secondsOf(schedule);
	log(`${run}: having ${options.subjects} properties valued, signing in ${options.users} users ...`);
	const crowd = await prepareCrowd(scope, ground, fleet, { ...options, seconds: 2 * seconds });
	const system = { ground, fleet, crowd };
	let first = 0;

	if (!options.quick) {
		log(`${run}: ${seconds} s in which all is well ...`);
		const well = await watchedRun(scope, system, () => scope.race(Bun.sleep(seconds * 1000)));
		first = well.asked.length;
		results.rows.push({ run, figures: figuresOf(well.asked, crowd.asks, seconds) });
		results.used.push({ run, usage: well.usage, lateMs: well.lateMs });
		const problems = brokenWhileWell(well.asked);
		results.findings.push({ what: `${run}: all is answered`, checked: well.asked.length, problems });
		results.saturation.push([fleet.instances.length, await saturate(scope, fleet, crowd)]);
	}

	log(`${run}: ${seconds} s in which Redis and then the database are lost ...`);
	const { result: times, ...faults } = await watchedRun(scope, { ...system, first }, () =>
		letFaultsHappen(scope, ground, schedule),
	);
	for (const { name, from, to } of phasesOf(times)) {
		const asked = faults.asked.filter(({ at }) => at >= from && at < to);
		results.rows.push({
			run: `${run}, ${name}`,
			figures: figuresOf(asked, crowd.asks, (to - from) / 1000),
		});
	}
	const recovery = recoveryOf(faults.asked, crowd.asks, times);
	results.recovered.push({ run, ...recovery });
	results.used.push({ run: `${run}, with faults`, usage: faults.usage, lateMs: faults.lateMs });
	const problems = brokenInFaults(faults.asked, crowd.users, times, recovery);
	const what = `${run}: what was promised for the loss of Redis and of the database`;
	results.findings.push({ what, checked: faults.asked.length, problems });
}

async function saturate(scope: Scope, { nginx }: Fleet, crowd: Crowd): Promise<number> {
	const mix = createMix(crowd.subjects, crowd.token, SEED);
	const { requests, seconds, errors } = await chooseLoad(scope).run(mix.target(nginx.port, 0.5), SATURATION);
	if (errors > 0) throw new TerminalError(`${errors} of ${requests} answers were errors`);
	return requests / seconds;
}

function print(
	options: LoadOptions,
	{ market }: Ground,
	{ rows, used, recovered, saturation, findings }: Results,
) {
	console.log(
		`${options.users} users on ${market}, each asking about every ${options.everyMs / 1000} s through nginx\n`,
	);
	console.log(`${figuresTable(rows)}\n\n${usageTable(used)}\n`);
	for (const line of recoveryLines(recovered)) console.log(line);
	for (const [instances, perSecond] of saturation) {
		console.log(
			`As fast as they can, ${SATURATION.connections} connections: ${perSecond.toFixed(0)} a second of ${instances} instance(s).`,
		);
	}
	const figures = rows.map(({ run, figures }) => ({
		run,
		...figures,
		failures: Object.fromEntries(figures.failures),
	}));
	console.log(JSON.stringify({ options, market, rows: figures, recovered, saturation, findings }));
}

await runScript(main);
