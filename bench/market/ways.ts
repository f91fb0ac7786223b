import { TerminalError } from "../../src/cli/terminal.ts";
import { type Answer, type Connection, cacheStatus, isHit } from "../measure/connection.ts";
import type { BenchRequest } from "../measure/request.ts";
import type { OriginalQueries } from "./original.ts";
import type { Question } from "./questions.ts";

/** This share of timed answers may be misses after all: a machine that stands still for 50 ms makes one. */
const TOLERATED = 0.02;
const TRIES = 20;

/** Milliseconds from sending the query to the last row. */
export async function timeOriginal(queries: OriginalQueries, { original }: Question): Promise<number> {
	const begun = performance.now();
	const rows = await original(queries);
	const ms = performance.now() - begun;
	if (rows === 0) throw new TerminalError("An original query found nothing");
	return ms;
}

/** Asks in such a way that it is a miss. @throws {TerminalError} where it was none */
export async function askMiss(connection: Connection, { renewing }: Question): Promise<Answer> {
	const answer = await connection.ask(renewing);
	requireOk(renewing, answer);
	if (isHit(answer)) throw new TerminalError(`${renewing.path} was to be a miss: ${cacheStatus(answer)}`);
	return answer;
}

/**
 * Milliseconds of that many hits. Every answer has to be the miss's, byte for byte.
 *
 * @throws {TerminalError} where one is not, or too few are hits
 */
export async function timeHits(
	connection: Connection,
	{ request }: Question,
	miss: Answer,
	times: number,
): Promise<number[]> {
	await untilStored(connection, request);
	const hits: number[] = [];
	for (let asked = 0; asked < times; asked += 1) {
		const answer = await connection.ask(request);
		requireOk(request, answer);
		if (!answer.body.equals(miss.body)) {
			throw new TerminalError(`${request.path} answered a hit with other bytes than the miss before it`);
		}
		if (isHit(answer)) hits.push(answer.ms);
	}
	if (hits.length < times * (1 - TOLERATED)) {
		throw new TerminalError(`${request.path}: only ${hits.length} of ${times} answers were hits`);
	}
	return hits;
}

/** A miss is answered before it is stored, and on a busy machine storing may be given up. */
async function untilStored(connection: Connection, request: BenchRequest): Promise<void> {
	let last = "";
	for (let attempt = 0; attempt < TRIES; attempt += 1) {
		const answer = await connection.ask(request);
		if (isHit(answer)) return;
		last = cacheStatus(answer);
		await Bun.sleep(10);
	}
	throw new TerminalError(`${request.path} does not become a hit: ${last}`);
}

/** @throws {TerminalError} for any status but 200 */
export function requireOk({ path }: BenchRequest, { status, body }: Answer): void {
	if (status === 200) return;
	throw new TerminalError(`${path} was answered with ${status}: ${body.toString().slice(0, 200)}`);
}
