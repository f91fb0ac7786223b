import { TerminalError } from "../../src/cli/terminal.ts";
import { isHit, openConnection, textOf } from "../measure/connection.ts";
import type { RunningServer } from "../measure/server.ts";
import type { Mix } from "./mix-requests.ts";
import { requireOk } from "./ways.ts";

const READ = 200;
/** One in so many is also asked of the server without a cache, which takes its time. */
const COMPARED = 5;

/**
 * Reads some requests of the mix in full, and compares some answers with those of a server that keeps nothing.
 *
 * @returns the share of hits, 0..1
 * @throws {TerminalError} where an answer is not 200, or is another than without a cache
 */
export async function readSample(mix: Mix, cached: RunningServer, uncached: RunningServer): Promise<number> {
	const [ours, theirs] = [openConnection(cached.port), openConnection(uncached.port)];
	let hits = 0;
	for (const [index, request] of mix.sample(READ, 0.5).entries()) {
		const answer = await ours.ask(request);
		requireOk(request, answer);
		if (isHit(answer)) hits += 1;
		if (index % COMPARED !== 0) continue;
		const fresh = await theirs.ask(request);
		requireOk(request, fresh);
		if (textOf(answer) !== textOf(fresh)) {
			throw new TerminalError(`${request.path} ${request.body ?? ""} is answered differently with a cache`);
		}
	}
	ours.close();
	theirs.close();
	return hits / READ;
}
