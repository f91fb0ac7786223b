import type { Answer } from "../measure/connection.ts";
import type { BenchRedis } from "../measure/redis.ts";
import type { BenchRequest } from "../measure/request.ts";

/** What `/work/:id` answers: whose work it is, and which run of the handler, counted by its process, made it. */
interface Work {
	readonly id: string;
	readonly run: number;
}

/** For a write that nobody waited for. */
const WRITTEN_WITHIN_MS = 10;
const ANSWERED_WITHIN_MS = 2_000;

export function workRequest(id: number): BenchRequest {
	return { path: `/work/${id}`, headers: { "Accept-Encoding": "identity" } };
}

/** Whether it is the work that was asked for. */
export function isWorkOf(id: number, { status, body }: Answer): boolean {
	return status === 200 && workIn(body.toString())?.id === String(id);
}

function workIn(text: string): Work | undefined {
	try {
		return JSON.parse(text) as Work;
	} catch {
		return undefined;
	}
}

/** Which run of the handler the answer is from; undefined without a right answer within two seconds. */
export async function runOf(port: number, id: number): Promise<number | undefined> {
	try {
		const { path, headers } = workRequest(id);
		const response = await fetch(`http://127.0.0.1:${port}${path}`, {
			headers: { ...headers },
			signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
		});
		const work = workIn(await response.text());
		return response.status === 200 && work?.id === String(id) ? work.run : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Asks for new keys, each twice, until the second answer comes without a run of the handler while Redis holds
 * something: the server keeps what it makes, and not just in its memory.
 *
 * @param firstId and those after it were not asked for before
 * @returns whether that came about in this time, milliseconds
 */
export async function keepsAnswers(
	port: number,
	redis: BenchRedis,
	firstId: number,
	withinMs: number,
): Promise<boolean> {
	const end = performance.now() + withinMs;
	for (let id = firstId; performance.now() < end; id += 1) {
		const made = await runOf(port, id);
		await Bun.sleep(WRITTEN_WITHIN_MS);
		if (made === undefined) continue;
		const again = await runOf(port, id);
		if (again === made && (await redis.client.dbsize().catch(() => 0)) > 0) return true;
	}
	return false;
}

/** How often the handler has run in this process. @throws {Error} where that is not answered */
export async function runsIn(port: number): Promise<number> {
	const response = await fetch(`http://127.0.0.1:${port}/runs`, {
		signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
	});
	return Number(await response.text());
}
