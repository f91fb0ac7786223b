import type { DatabaseHandle } from "../../db/client.ts";
import type { Logger } from "../lib/logger.ts";
import { createPause } from "../lib/pause.ts";

const RETRY_MS = 1_000;
const UNLISTEN_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 5_000;

export interface FollowOptions {
	database: DatabaseHandle;
	/** Of PostgreSQL's NOTIFY. */
	channel: string;
	/**
	 * Called when something was announced, whenever the connection is back, as nobody knows what was missed, and every few
	 * seconds: a connection can be dead without a sign, and a pooler between takes announcements for itself. Tried again
	 * until it succeeds. Never twice at a time, as two announcements in a row must not both start from the same state.
	 */
	catchUp(): Promise<void>;
	logger: Logger;
	/** What is followed, in words for the log. */
	what: string;
	/** Milliseconds between attempts at what failed. @default 1000 */
	retryMs?: number | undefined;
	/** Milliseconds between looks without having heard anything. @default 5000 */
	lookEveryMs?: number | undefined;
}

export interface Follower {
	/** Resolves once changes are heard of and `catchUp` has succeeded for the first time. */
	readonly following: Promise<void>;
	stop(): Promise<void>;
}

/** Hears of changes in the database, whichever process made them. */
export function follow(options: FollowOptions): Follower {
	const { database, channel, logger, what, retryMs = RETRY_MS, lookEveryMs = LOOK_EVERY_MS } = options;
	const pause = createPause();
	const started = Promise.withResolvers<void>();
	let wanted = false;
	let working: Promise<void> | undefined;

	function heard(): void {
		wanted = true;
		working ??= work().finally(() => {
			working = undefined;
		});
	}

	async function work(): Promise<void> {
		for (let failures = 0; wanted && !pause.ended; ) {
			wanted = false;
			try {
				await options.catchUp();
				started.resolve();
				failures = 0;
			} catch (error) {
				wanted = true;
				failures += 1;
				if (failures === 1) logger.warn({ error }, `${what}: a change is not followed yet; trying again`);
				await pause.wait(retryMs);
			}
		}
	}

	const look = setInterval(heard, lookEveryMs);
	look.unref?.();

	// The driver reconnects by itself once it has listened; the first time we have to insist.
	const listening = (async () => {
		for (let attempt = 0; !pause.ended; attempt += 1) {
			try {
				return await database.sql.listen(channel, heard, heard);
			} catch (error) {
				if (attempt === 0) {
					logger.warn({ error }, `${what}: changes cannot be heard of yet, the database does not answer`);
				}
				await pause.wait(retryMs);
			}
		}
		return undefined;
	})();

	return {
		following: started.promise,
		async stop() {
			clearInterval(look);
			pause.end();
			const farewell = (async () => {
				await (await listening)?.unlisten();
				await working;
			})().catch(() => {});
			// A database that hangs must not keep the process from ending.
			const patience = createPause();
			await Promise.race([farewell, patience.wait(UNLISTEN_WITHIN_MS)]);
			patience.end();
		},
	};
}
