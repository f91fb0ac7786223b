import { TerminalError } from "../../src/cli/terminal.ts";
import { createRandom } from "../../src/lib/random.ts";
import type { Bench } from "../scenario.ts";
import type { Mix } from "./mix-requests.ts";
import { shuffled } from "./shuffled.ts";
import type { Side } from "./side.ts";

const CONNECTIONS = 64;
const QUIET_MS = 300;
const QUIET_WITHIN_MS = 15_000;

/** What one server did with the mix for some seconds. */
export interface Window {
	readonly requestsPerSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Queries of its database for one request. */
	readonly queries: number;
}

/**
 * Asks a server for the mix, and counts until it is done with all that was asked.
 *
 * @param part where in the order to begin, 0..1
 * @throws {TerminalError} where anything is answered with an error, or nothing at all
 */
export async function oneWindow(
	bench: Bench,
	mix: Mix,
	side: Side,
	{ part, seconds }: { part: number; seconds: number },
): Promise<Window> {
	const before = await side.database.queries();
	const how = { seconds, connections: CONNECTIONS };
	const { requests, seconds: took, errors, latency } = await bench.load.run(mix.target(side.port, part), how);
	if (errors > 0 || requests === 0) {
		throw new TerminalError(`There were ${errors} errors among ${requests} answers`);
	}
	const queries = (await whenQuiet(side)) - before;
	return {
		requestsPerSecond: requests / took,
		p50Ms: latency.p50,
		p99Ms: latency.p99,
		// At the end every connection has asked for something more, whose queries are counted.
		queries: queries / (requests + CONNECTIONS),
	};
}

/** What is worked out for callers who have left must not disturb whoever is measured next. How many queries it was. */
async function whenQuiet({ database }: Side): Promise<number> {
	const end = performance.now() + QUIET_WITHIN_MS;
	let queries = await database.queries();
	while (performance.now() < end) {
		await Bun.sleep(QUIET_MS);
		const later = await database.queries();
		if (later === queries) break;
		queries = later;
	}
	return queries;
}

/** Both servers once in each round, in an order that is drawn anew; before that each once for nothing. */
export async function inRounds(
	bench: Bench,
	mix: Mix,
	sides: { off: Side; on: Side },
	seconds: number,
): Promise<{ off: Window[]; on: Window[] }> {
	const random = createRandom(bench.seed);
	const windows = { off: [] as Window[], on: [] as Window[] };
	for (let round = 0; round <= bench.rounds; round += 1) {
		const how = round === 0 ? { part: 0, seconds: 2 } : { part: round / (bench.rounds + 1), seconds };
		for (const which of shuffled(["off", "on"] as const, random)) {
			const window = await oneWindow(bench, mix, sides[which], how);
			if (round === 0) continue;
			windows[which].push(window);
			bench.log(`Round ${round}, cache ${which}: ${Math.round(window.requestsPerSecond)} requests/s`);
		}
	}
	return windows;
}
