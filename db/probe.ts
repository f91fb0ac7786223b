import postgres, { type Sql } from "postgres";
import { within } from "../src/lib/within.ts";
import { isUnreached } from "./driver-query.ts";

export interface Probe {
	/** Asks the database for next to nothing. @throws when it gives no answer in time */
	ask(): Promise<void>;
	close(): Promise<void>;
}

/** Longer than a server that lives takes on a machine that is busy with other things. */
const ANSWER_WITHIN_MS = 1_000;
const IDLE_S = 5;

/** Asks on a connection of its own, so that neither a full pool nor one whose connections are dead says anything of the server. */
export function openProbe(url: string): Probe {
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
