/**
 * `bun run test:rolling`: five hundred users with open connections ask three instances behind nginx, while these are restarted one
 * after the other, and then while one is killed. Nobody loses an answer, and nearly all of them are hits all the while. Exit
 * code 1 when something is not as promised.
 */
import type { Scope } from "../src/cli/dev/scope.ts";
import { conclude, type Finding } from "./findings.ts";
import { type Crowd, prepareCrowd } from "./load/crowd.ts";
import { failuresText, figuresOf } from "./load/figures.ts";
import type { Asked } from "./load/records.ts";
import { figuresTable, type Row } from "./load/report.ts";
import { watchedRun } from "./load/watched-run.ts";
import { killOne, type Restart, restartInTurn } from "./rolling/restarts.ts";
import { lowestHitRatio } from "./rolling/windows.ts";
import { runScript } from "./run.ts";
import { startFleet } from "./system/fleet.ts";
import { prepareGround } from "./system/ground.ts";
import { PATIENT } from "./system/instance.ts";

const INSTANCES = 3;
const CROWD = { users: 500, everyMs: 1_500, subjects: 500, seconds: 90 };
const QUIET_MS = 2_000;
const AWAY_MS = 3_000;
const WINDOWS_MS = [1_000, 5_000];
const LEAST_HIT_RATIO = 0.8;

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(scope: Scope): Promise<number> {
	const ground = await prepareGround(scope);
	const fleet = await startFleet(scope, ground, { instances: INSTANCES, settings: PATIENT });
	log(`Having ${CROWD.subjects} properties valued, signing in ${CROWD.users} users ...`);
	const crowd = await prepareCrowd(scope, ground, fleet, CROWD);
	const system = { ground, fleet, crowd };
	const quiet = () => scope.race(Bun.sleep(QUIET_MS));

	log("Restarting one after the other ...");
	const rolled = await watchedRun(scope, system, async () => {
		await quiet();
		return restartInTurn(scope, fleet.instances);
	});
	log("Killing one ...");
	const killed = await watchedRun(scope, { ...system, first: rolled.asked.length }, async () => {
		await quiet();
		const [first] = fleet.instances;
		const startMs = first && (await killOne(scope, first, AWAY_MS));
		await quiet();
		return startMs ?? Number.NaN;
	});

	const runs = [
		{ run: "restarted in turn", asked: rolled.asked },
		{ run: "one killed", asked: killed.asked },
	];
	console.log(figuresTable(runs.map((one) => rowOf(one, crowd))));
	for (const { name, end, stopMs, startMs } of rolled.result) {
		console.log(`${name}: ended with ${end} after ${inSeconds(stopMs)}, ready ${inSeconds(startMs)} later`);
	}
	console.log(
		`one killed: away for ${inSeconds(AWAY_MS)}, ready ${inSeconds(killed.result)} after its start`,
	);
	const findings = [restartFinding(rolled.result), ...runs.flatMap((one) => findingsOf(one, crowd))];
	return conclude("rolling", findings);
}

interface Run {
	readonly run: string;
	readonly asked: readonly Asked[];
}

function rowOf({ run, asked }: Run, { asks }: Crowd): Row {
	const ends = asked.map(({ at }) => at);
	const seconds = (Math.max(...ends) - Math.min(...ends)) / 1000;
	return { run, figures: figuresOf(asked, asks, seconds) };
}

function restartFinding(restarts: readonly Restart[]): Finding {
	const problems = restarts
		.filter(({ end }) => end !== "0")
		.map(({ name, end }) => `${name} ended with ${end}`);
	return { what: "every instance ends by itself, with 0", checked: restarts.length, problems };
}

function findingsOf({ run, asked }: Run, { asks }: Crowd): Finding[] {
	const { failures, refused } = figuresOf(asked, asks, 1);
	const lost = [
		...(failures.size > 0 ? [failuresText(failures)] : []),
		...(refused > 0 ? [`${refused} refused`] : []),
	];
	const windows = WINDOWS_MS.map((windowMs): Finding => {
		const { hitRatio, atS } = lowestHitRatio(asked, asks, windowMs);
		const seen = `${(100 * hitRatio).toFixed(1)} % hits from ${atS.toFixed(1)} s on`;
		console.log(`${run}: the fewest hits in any ${windowMs / 1000} s: ${seen}`);
		const what = `${run}: at least ${100 * LEAST_HIT_RATIO} % hits in any ${windowMs / 1000} s`;
		return { what, checked: 1, problems: hitRatio < LEAST_HIT_RATIO ? [seen] : [] };
	});
	return [{ what: `${run}: every request is answered`, checked: asked.length, problems: lost }, ...windows];
}

function inSeconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}

await runScript(main);
