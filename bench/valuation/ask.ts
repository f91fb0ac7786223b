import { TerminalError } from "../../src/cli/terminal.ts";
import { type Subject, valuationRequest } from "../market/subjects.ts";
import { type Connection, isHit } from "../measure/connection.ts";

/** What a subject was answered, and how long that took, milliseconds. */
export interface Asked {
	readonly ms: number;
	/** False for a property that is too rare to be compared with anything, which is 422. */
	readonly valued: boolean;
}

/** One request for each, one after the other. @throws {TerminalError} for any that is no miss */
export async function askSingly(
	connection: Connection,
	subjects: readonly Subject[],
	token: string,
): Promise<Asked[]> {
	const asked: Asked[] = [];
	for (const subject of subjects) {
		const answer = await connection.ask(valuationRequest(subject, token));
		const { status, body, ms } = answer;
		if (status !== 200 && status !== 422) {
			throw new TerminalError(`A valuation was answered with ${status}: ${body}`);
		}
		if (isHit(answer)) throw new TerminalError(`${JSON.stringify(subject)} was to be a miss`);
		asked.push({ ms, valued: status === 200 });
	}
	return asked;
}

/**
 * All in one request, until its last byte is here, milliseconds. By `fetch`: the list is more than the other client
 * writes at once.
 *
 * @throws {TerminalError} where hardly any is valued
 */
export async function askTogether(
	port: number,
	subjects: readonly Subject[],
	token: string,
): Promise<number> {
	const requests = subjects.map((subject) => valuationRequest(subject, token));
	const body = `{"subjects":[${requests.map((request) => request.body).join(",")}]}`;
	const headers = { ...requests[0]?.headers };
	const begun = performance.now();
	const response = await fetch(`http://127.0.0.1:${port}/api/property/valuations`, {
		method: "POST",
		headers,
		body,
	});
	const text = await response.text();
	const ms = performance.now() - begun;
	if (!response.ok) throw new TerminalError(`A list was answered with ${response.status}: ${text}`);
	const { valued } = JSON.parse(text) as { valued: number };
	// A few are too rare, as among those that are asked for singly; more would mean that nothing was worked out.
	if (valued < 0.8 * subjects.length) {
		throw new TerminalError(`Only ${valued} of ${subjects.length} were valued`);
	}
	return ms;
}
