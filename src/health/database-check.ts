import type { Database } from "../../db/client.ts";
import { latestMigration, newestMigration } from "../../db/queries/migrations.ts";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/within.ts";

/** What was found out of the database, in fixed words: whoever asks need not be signed in. */
export interface DatabaseFindings {
	readonly database:
		| { readonly status: "ok"; readonly ms: number }
		| { readonly status: "failed" | "unknown" };
	/** `pending`: the schema is older than this code. A newer one is fine: another server brought it up to date. */
	readonly migrations: { readonly status: "ok" | "pending" | "unknown" };
}

export interface DatabaseCheck {
	/** Never rejects, and takes less than a second. */
	find(): Promise<DatabaseFindings>;
	/** What was found last, however long ago. */
	readonly last: DatabaseFindings;
}

const ANSWER_WITHIN_MS = 700;
/** Probes come from many sides, and must not become a load. */
const REMEMBERED_MS = 250;
/** A question without an answer may hold a connection: others are not sent after it at the same rate. */
const ASK_BESIDE_MS = 5_000;

const UNKNOWN: DatabaseFindings = { database: { status: "unknown" }, migrations: { status: "unknown" } };
const FAILED: DatabaseFindings = { database: { status: "failed" }, migrations: { status: "unknown" } };

/**
 * Asks the database for its newest migration, which says both whether it answers and whether the schema is the one that
 * this code needs. All who want to know at one time share one question.
 */
export function createDatabaseCheck({ db, clock }: { db: Database; clock: Clock }): DatabaseCheck {
	let last = UNKNOWN;
	let foundAt = Number.NEGATIVE_INFINITY;
	let askedAt = Number.NEGATIVE_INFINITY;
	let finding: Promise<DatabaseFindings> | undefined;
	/** The last question, as long as it has no answer: also after nobody waits for one any more. */
	let unanswered: Promise<unknown> | undefined;

	/** Below zero the clock was set back, and nothing can be said of how long ago it was. */
	function isSince(at: number, ms: number): boolean {
		const since = clock() - at;
		return since >= 0 && since < ms;
	}

	async function ask(): Promise<DatabaseFindings> {
		askedAt = clock();
		const answer = latestMigration(db);
		const done = () => {
			if (unanswered === answer) unanswered = undefined;
		};
		unanswered = answer;
		answer.then(done, done);
		try {
			const latest = await within(ANSWER_WITHIN_MS, answer);
			const migrated = latest !== undefined && latest >= newestMigration;
			return {
				database: { status: "ok", ms: Math.max(0, clock() - askedAt) },
				migrations: { status: migrated ? "ok" : "pending" },
			};
		} catch {
			return FAILED;
		}
	}

	return {
		async find() {
			if (finding) return finding;
			if (isSince(foundAt, REMEMBERED_MS) || (unanswered && isSince(askedAt, ASK_BESIDE_MS))) return last;
			finding = ask().then((found) => {
				last = found;
				foundAt = clock();
				finding = undefined;
				return found;
			});
			return finding;
		},
		get last() {
			return last;
		},
	};
}
