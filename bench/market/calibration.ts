import { TerminalError } from "../../src/cli/terminal.ts";
import { openConnection } from "../measure/connection.ts";
import type { Bench } from "../scenario.ts";
import type { MarketDatabase } from "./database.ts";
import { listRequests } from "./mix-requests.ts";
import type { Side } from "./side.ts";
import type { Subject } from "./subjects.ts";
import { valued } from "./valued.ts";
import { requireOk } from "./ways.ts";

/** What one request asks the database where nothing is cached, by the code of the routes. */
const QUERIES = { list: 1, valuation: 3 };
const ROUNDS = 20;
const VALUATIONS = 60;
/** What a server asks for itself: who the caller is, the names, the types of each new connection. */
const OWN = 40;

/**
 * Shows that all queries are counted, and each once: asks what is known to take so many of a server that is new.
 *
 * @throws {TerminalError} where it is another
 */
export async function calibrate(
	bench: Bench,
	uncached: Side,
	{ token }: MarketDatabase,
	sold: readonly Subject[],
): Promise<void> {
	const connection = openConnection(uncached.port);
	let lists = 0;
	for (let round = 0; round < ROUNDS; round += 1) {
		for (const request of listRequests(token)) {
			requireOk(request, await connection.ask(request));
			lists += 1;
		}
	}
	const { subjects, refused } = await valued([connection], sold, token, VALUATIONS);
	connection.close();
	const expected = QUERIES.list * lists + QUERIES.valuation * (subjects.length + refused);
	const counted = await uncached.database.queries();
	bench.log(`${expected} known queries were counted as ${counted}, the server's own among them`);
	if (counted < expected || counted > expected + OWN) {
		throw new TerminalError(`The database counts ${counted} statements for ${expected} queries`);
	}
}
