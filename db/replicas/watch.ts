import postgres, { type Sql } from "postgres";
import { createPause } from "../../src/lib/pause.ts";
import { within } from "../../src/lib/within.ts";
import type { Standing } from "./standing.ts";

export interface WatchOptions {
	/** Of the server; the watcher has a connection of its own. */
	url: string;
	/** @param askedAt when the question was asked, by `now` */
	onAnswer(standing: Standing, askedAt: number): void;
	/** No answer in time, or none at all. */
	onSilence(error: unknown): void;
	now(): number;
}

export interface Watch {
	stop(): void;
}

const EVERY_MS = 200;
/** An answer that takes longer is none: a replica is there to be quick. */
const ANSWER_WITHIN_MS = 750;
/** Between questions to one that has been silent for a while. */
const SILENT_EVERY_MS = 1_000;

/** Asks a server again and again how far it is. Never throws, and never has two questions out. */
export function watchServer({ url, onAnswer, onSilence, now }: WatchOptions): Watch {
	const pause = createPause();
	let sql: Sql | undefined;

	async function ask(): Promise<boolean> {
		const askedAt = now();
		try {
			sql ??= connect();
			const standing = await within(ANSWER_WITHIN_MS, standingOf(sql));
			if (!pause.ended) onAnswer(standing, askedAt);
			return true;
		} catch (error) {
			// A connection that is silent may stay so for ever: the next question has a new one.
			discard();
			if (!pause.ended) onSilence(error);
			return false;
		}
	}

	function connect(): Sql {
		const opened = postgres(url, {
			max: 1,
			connect_timeout: ANSWER_WITHIN_MS / 1000,
			fetch_types: false,
			// The driver would end it now and then, which is no sign of the server's.
			max_lifetime: null,
			onnotice: () => {},
			onclose() {
				// A server that comes back may know less than it did: what it said does not count any more.
				if (opened === sql && !pause.ended) onSilence(new Error("the connection was closed"));
			},
			connection: { application_name: "retyn-avm-watch" },
		});
		return opened;
	}

	function discard(): void {
		const old = sql;
		sql = undefined;
		old?.end({ timeout: 0 }).catch(() => {});
	}

	void (async () => {
		for (let silences = 0; !pause.ended; ) {
			silences = (await ask()) ? 0 : silences + 1;
			await pause.wait(Math.min(EVERY_MS * 2 ** Math.min(silences, 8), SILENT_EVERY_MS));
		}
	})();
	return {
		stop() {
			pause.end();
			discard();
		},
	};
}

/**
 * Of a replica the position may be further than the rows that this reads, the version never: so the version counts from the
 * answer on, and the position tells how late the replica is.
 */
async function standingOf(sql: Sql): Promise<Standing> {
	const [row] = await sql<{ epoch: string; version: string; is_replica: boolean; wal: string }[]>`
		select epoch, (select coalesce(max(version), 0) from market_changes) as version,
			pg_is_in_recovery() as is_replica,
			case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end - '0/0' as wal
		from market_state`;
	if (!row) throw new Error("the table market_state has lost its row");
	const { epoch, version, is_replica: isReplica, wal } = row;
	return { epoch, version: Number(version), isReplica, wal: Number(wal) };
}
