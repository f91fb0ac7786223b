import { Problem } from "../http/problem.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { within } from "../lib/within.ts";

/** The database gave no answer in time, or none at all. Uncaught it becomes the 503 that the client gets. */
export class DatabaseUnavailable extends Problem {
	constructor(cause?: unknown) {
		const detail = "Accounts cannot be looked up at this moment. Try again in a few seconds.";
		super("unavailable", { detail, headers: { "Retry-After": "2" } }, { cause });
	}
}

/** Runs a query, in bounded time. @throws {DatabaseUnavailable} */
export type AskDatabase = <T>(query: () => Promise<T>) => Promise<T>;

interface AskDatabaseOptions {
	clock: Clock;
	logger: Logger;
	/** Longest wait for one answer. @default 2000 */
	deadlineMs?: number;
	/** After a failure, how long until the database is asked again. @default 250 */
	pauseMs?: number;
}

/**
 * After a failure nobody waits for a database that is known to be silent: during the pause every question fails at
 * once, then one question goes through to see, and while it is out the others still fail at once.
 */
export function createAskDatabase(options: AskDatabaseOptions): AskDatabase {
	const { clock, logger, deadlineMs = 2000, pauseMs = 250 } = options;
	let failedAt: number | undefined;
	let probing = false;

	function pausing(): boolean {
		if (failedAt === undefined) return false;
		const since = clock() - failedAt;
		// Below zero the clock was set back, which must not prolong the pause.
		return probing || (since >= 0 && since < pauseMs);
	}

	return async (query) => {
		if (pausing()) throw new DatabaseUnavailable();
		const probe = failedAt !== undefined;
		if (probe) probing = true;
		try {
			const answer = await within(deadlineMs, query());
			if (probe) {
				failedAt = undefined;
				logger.info({}, "The database answers authentication again");
			}
			return answer;
		} catch (error) {
			const reason = error instanceof Error && error.cause ? error.cause : error;
			if (isAnswer(reason)) throw error;
			if (failedAt === undefined) {
				logger.warn({ reason: describe(reason) }, "The database does not answer authentication");
			}
			failedAt = clock();
			throw new DatabaseUnavailable(reason);
		} finally {
			if (probe) probing = false;
		}
	};
}

/** SQLSTATE classes 22 and 23 (data exception, integrity violation) say that a value was wrong, not the database. */
function isAnswer(reason: unknown): boolean {
	const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
	return typeof code === "string" && /^2[23][0-9A-Z]{3}$/.test(code);
}

/** The driver's own words; Drizzle's would repeat the statement and its parameters. */
function describe(reason: unknown): string {
	return reason instanceof Error ? reason.message || reason.name : String(reason);
}
