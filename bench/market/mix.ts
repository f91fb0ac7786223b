import { policies } from "../../src/policies.ts";
import { openConnection } from "../measure/connection.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { calibrate } from "./calibration.ts";
import { type MarketDatabase, marketDatabase } from "./database.ts";
import { createMix, type Mix } from "./mix-requests.ts";
import { type Measured, mixResult } from "./mix-result.ts";
import { readSample } from "./sample.ts";
import { type Side, startSide } from "./side.ts";
import { type Subject, soldSubjects } from "./subjects.ts";
import { valued } from "./valued.ts";
import { inRounds, oneWindow } from "./windows.ts";

const SUBJECTS = 20_000;
const ROUND_S = 8;
const ALONE_S = 20;
/** Few: with more at once the database keeps both cores from Redis, and answers are not stored in time. */
const WARMED_AT_ONCE = 4;
const VALUES_TTL_S = policies.valuation.ttl;

export const mixScenario: Scenario = {
	part: "mix",
	title: "A mix of requests on the registered market",
	method:
		"The real server, signed in, asked by 64 connections: of ten requests one for a list of areas, one for a list of types " +
		`and eight for values, drawn by Zipf's law (s = 1) from ${SUBJECTS} properties that were sold. Warm: every value was asked ` +
		`for once, on a slow machine so long ago that the first are past their ${VALUES_TTL_S} s and renewed behind the callers; in each ` +
		`round a server with the cache and one without run ${ROUND_S} s. Cold start: a new ` +
		`server with an empty Redis, its first ${ALONE_S} s. Expiring: ${ALONE_S} s in which the values pass their ${VALUES_TTL_S} s, as ` +
		"fast as they were made, and are renewed behind the callers. The database counts its queries.",

	async run(bench) {
		const market = await marketDatabase(bench);
		const off = await startSide(bench, market, "cache off", { cached: false });
		const on = await startSide(bench, market, "cache on", { cached: true });
		const sold = await soldSubjects(on.database.url, bench.seed);
		await calibrate(bench, off, market, sold);
		const begun = performance.now();
		const mix = createMix(await warmUp(bench, on, market, sold), market.token, bench.seed);
		const { off: without, on: windows } = await inRounds(bench, mix, { off, on }, ROUND_S);
		const warm = { windows, hits: await readSample(mix, on, off) };
		const cold = await coldStart(bench, market, mix, off);
		const waitMs = begun + VALUES_TTL_S * 1000 - performance.now();
		if (waitMs > 0) await bench.scope.race(Bun.sleep(waitMs));
		const expiring = await alone(bench, mix, on, off);
		await Promise.all([on.stop(), off.stop()]);
		return mixResult({ windows: without, hits: 0 }, { warm, "cold start": cold, expiring });
	},
};

/** Asks for each subject once, which fills the cache, and leaves out those that have no value. */
async function warmUp(
	{ scope, log }: Bench,
	side: Side,
	{ token }: MarketDatabase,
	sold: readonly Subject[],
): Promise<readonly Subject[]> {
	const begun = performance.now();
	const connections = Array.from({ length: WARMED_AT_ONCE }, () => openConnection(side.port));
	const { subjects, refused, stored } = await scope.race(valued(connections, sold, token, SUBJECTS));
	for (const connection of connections) connection.close();
	const seconds = ((performance.now() - begun) / 1000).toFixed(0);
	log(`${SUBJECTS} values in ${seconds} s, ${stored} of them stored; ${refused} properties had none`);
	return subjects;
}

async function coldStart(bench: Bench, market: MarketDatabase, mix: Mix, off: Side): Promise<Measured> {
	const side = await startSide(bench, market, "cache on, cold", { cached: true });
	const measured = await alone(bench, mix, side, off);
	await side.stop();
	return measured;
}

async function alone(bench: Bench, mix: Mix, side: Side, off: Side): Promise<Measured> {
	const window = await oneWindow(bench, mix, side, { part: 0, seconds: ALONE_S });
	bench.log(`Alone: ${Math.round(window.requestsPerSecond)} requests/s`);
	return { windows: [window], hits: await readSample(mix, side, off) };
}
