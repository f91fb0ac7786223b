import postgres, { type Sql } from "postgres";
import { within } from "../src/lib/within.ts";
import { codeOf, isUnreached } from "./driver-query.ts";

export interface Probe {
	/** Asks the database for next to nothing. @throws when it gives no answer in time */
	ask(): Promise<void>;
	close(): Promise<void>;
}

/** Longer than a server that lives takes on a machine that is busy with other things. */
const ANSWER_WITHIN_MS = 1_000;
const IDLE_S = 5;
/** What a pooler says, or does not, while all of its connections are in use: no answer in time, or none for whoever waits (08P01). */
const MAYBE_BUSY = /^(ETIMEDOUT|CONNECT_TIMEOUT|08P01)$/;

/**
 * Asks on a connection of its own, so that neither a full pool nor one whose connections are dead says anything of the server.
 *
 * @param directUrl of the database itself, where `url` leads to a pooler: that one is only busy while the database answers
 */
export function openProbe(url: string, directUrl?: string): Probe {
	const asked = asking(url);
	const direct = directUrl === undefined ? undefined : asking(directUrl);
	return {
		async ask() {
			const beyond = direct?.ask().catch((error: unknown) => error);
			try {
				await asked.ask();
			} catch (error) {
				if (!beyond || !MAYBE_BUSY.test(codeOf(error)) || (await beyond) !== undefined) throw error;
			}
		},
		async close() {
			await Promise.all([asked.close(), direct?.close()]);
		},
	};
}

function asking(url: string): Probe {
	let sql: Sql | undefined;

	async function drop(): Promise<void> {
		const old = sql;
		sql = undefined;
		await old?.end({ timeout: 0 }).catch(() => {});
	}

	return {
		async ask() {
			sql ??= postgres(url, {
				max: 1,
				connect_timeout: ANSWER_WITHIN_MS / 1000,
				idle_timeout: IDLE_S,
				fetch_types: false,
				prepare: false,
				onnotice: () => {},
				connection: { application_name: "retyn-avm-probe" },
			});
			try {
				await within(ANSWER_WITHIN_MS, sql`select 1`.execute());
			} catch (error) {
				void drop();
				// Whoever refuses is there: too many connections, for example.
				if (isUnreached(error)) throw error;
			}
		},
		close: drop,
	};
}
