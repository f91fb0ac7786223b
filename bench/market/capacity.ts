import { TerminalError } from "../../src/cli/terminal.ts";
import type { Load } from "../measure/load.ts";
import type { OriginalQueries } from "./original.ts";
import type { Question } from "./questions.ts";

export interface Burst {
	readonly connections: number;
	readonly seconds: number;
}

/** Answers a second of our server, all of them hits by now. */
export async function hitsPerSecond(
	load: Load,
	port: number,
	questions: readonly Question[],
	burst: Burst,
): Promise<number> {
	const requests = questions.map(({ request }) => request);
	const result = await load.run({ port, requests }, burst);
	if (result.errors > 0 || result.requests === 0) {
		throw new TerminalError(`${result.errors} errors among ${result.requests} hits`);
	}
	return result.requests / result.seconds;
}

/**
 * Questions a second that the original system's queries answer, each connection asking its next when it has its rows.
 *
 * @param queries over a pool of as many connections
 */
export async function originalsPerSecond(
	queries: OriginalQueries,
	questions: readonly Question[],
	{ connections, seconds }: Burst,
): Promise<number> {
	const begun = performance.now();
	const end = begun + seconds * 1000;
	let done = 0;
	async function keepAsking(from: number): Promise<void> {
		for (let next = from; performance.now() < end; next += 1) {
			await questions[next % questions.length]?.original(queries);
			done += 1;
		}
	}
	await Promise.all(Array.from({ length: connections }, (_, index) => keepAsking(index)));
	return done / ((performance.now() - begun) / 1000);
}
