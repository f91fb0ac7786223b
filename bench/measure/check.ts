import { TerminalError } from "../../src/cli/terminal.ts";
import type { LoadResult } from "./load.ts";
import type { BenchRequest, Target } from "./request.ts";

/** No head of an answer here is larger. */
const MAX_HEAD_BYTES = 1_500;

/** What one answer of a case looks like on the wire. */
export interface Seen {
	/** Of the bodies as they were sent, in the mean. */
	readonly bodyBytes: number;
}

/** Asks each request of a case once and compares every byte. @throws {TerminalError} at the first that is not right. */
export async function checkAnswers(name: string, { port, requests }: Target): Promise<Seen> {
	let bytes = 0;
	for (const request of requests) {
		const sent = await ask(port, request, false);
		bytes += sent.body.byteLength;
		if (sent.status !== (request.status ?? 200)) {
			throw new TerminalError(
				`"${name}" answered ${request.path} with ${sent.status}: ${sent.body.toString().slice(0, 200)}`,
			);
		}
		if (request.expected === undefined) continue;
		const { body } = await ask(port, request, true);
		if (body.toString() !== request.expected) {
			throw new TerminalError(`"${name}" answered ${request.path} with other bytes than its handler makes`);
		}
	}
	return { bodyBytes: bytes / requests.length };
}

async function ask(port: number, request: BenchRequest, decompress: boolean) {
	const response = await fetch(`http://127.0.0.1:${port}${request.path}`, {
		method: request.method ?? "GET",
		headers: { "Accept-Encoding": "identity", ...request.headers },
		decompress,
		redirect: "manual",
		...(request.body !== undefined && { body: request.body }),
	});
	return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

/** Under load nobody reads the bodies, but their lengths have to be those of the answers that were read. */
export function checkLoad(name: string, { requests, bytes, errors }: LoadResult, { bodyBytes }: Seen): void {
	if (requests === 0) throw new TerminalError(`"${name}" answered nothing`);
	if (errors > 0) throw new TerminalError(`"${name}" had ${errors} errors among ${requests} answers`);
	const mean = bytes / requests;
	// What was still under way at the end was counted as bytes and not as an answer, or the other way round.
	if (mean < bodyBytes * 0.98 || mean > bodyBytes * 1.02 + MAX_HEAD_BYTES) {
		throw new TerminalError(
			`"${name}" sent ${Math.round(mean)} bytes an answer, for bodies of ${Math.round(bodyBytes)}`,
		);
	}
}
