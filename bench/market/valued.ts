import { TerminalError } from "../../src/cli/terminal.ts";
import { type Connection, isStored } from "../measure/connection.ts";
import { type Subject, valuationRequest } from "./subjects.ts";

export interface Valued {
	/** In the order in which they were given. */
	readonly subjects: readonly Subject[];
	/** How many were asked for and are too rare to be compared with anything, which is 422. */
	readonly refused: number;
	/** How many answers the server then kept. */
	readonly stored: number;
}

/**
 * The first `count` of the subjects that have a value, found out by asking for each once.
 *
 * @param connections to one server; each asks for one subject after the other
 * @throws {TerminalError} where there are not as many, or an answer is neither a value nor 422
 */
export async function valued(
	connections: readonly Connection[],
	subjects: readonly Subject[],
	token: string,
	count: number,
): Promise<Valued> {
	/** Index of a subject that has a value -> whether its answer was stored. */
	const found = new Map<number, boolean>();
	let next = 0;
	let refused = 0;
	async function keepAsking(connection: Connection): Promise<void> {
		while (found.size < count) {
			const index = next;
			next += 1;
			const subject = subjects[index];
			if (!subject) return;
			const answer = await connection.ask(valuationRequest(subject, token));
			if (answer.status === 200) found.set(index, isStored(answer));
			else if (answer.status === 422) refused += 1;
			else throw new TerminalError(`A valuation was answered with ${answer.status}: ${answer.body}`);
		}
	}
	await Promise.all(connections.map(keepAsking));
	if (found.size < count) {
		throw new TerminalError(`Only ${found.size} properties have a value, of ${count} that are needed`);
	}
	const inOrder = [...found].sort(([left], [right]) => left - right).slice(0, count);
	return {
		subjects: inOrder.flatMap(([index]) => subjects[index] ?? []),
		refused,
		stored: inOrder.filter(([, stored]) => stored).length,
	};
}
