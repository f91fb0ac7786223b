import { LRUCache } from "lru-cache";
import type { Caller } from "../http/env.ts";
import type { Clock } from "../lib/clock.ts";

/** What a check of a credential found. */
export interface Checked {
	caller: Caller;
	/** The credential's own end, milliseconds since the epoch. */
	expiresAt: number;
	/** False where the database could not be asked: good for this request, not to be remembered. */
	confirmed: boolean;
}

export interface CredentialMemory {
	/** The caller behind a credential that was confirmed at most `trustMs` ago and has not expired. */
	recall(key: string): Caller | undefined;
	/** Runs `check`, or joins the check of the same credential that is already running. */
	check(key: string, check: () => Promise<Checked>): Promise<Caller>;
	/** From now on the session's credential must not go on without the database. */
	distrust(sessionId: string): void;
	/** Distrusts the session and drops what is remembered of it. */
	forget(sessionId: string): void;
	/** The same for everything that was handed out to a user up to now. */
	forgetUser(userId: string): void;
	isDistrusted(session: { sessionId: string; userId: string; issuedAt: number }): boolean;
}

interface CredentialMemoryOptions {
	clock: Clock;
	/** @default 10_000 */
	maxEntries?: number;
	/** @default 30_000 */
	trustMs?: number;
}

export function createCredentialMemory(options: CredentialMemoryOptions): CredentialMemory {
	const { clock, maxEntries = 10_000, trustMs = 30_000 } = options;
	const remembered = new LRUCache<string, { caller: Caller; from: number; until: number }>({
		max: maxEntries,
	});
	/** Session or user -> when it was last distrusted. */
	const distrusted = new LRUCache<string, number>({ max: maxEntries });
	const flights = new Map<string, Promise<Caller>>();
	let generation = 0;

	function recall(key: string): Caller | undefined {
		const entry = remembered.get(key);
		if (!entry) return undefined;
		const now = clock();
		// Before `from` the clock was set back, and nothing can be said about the entry's age.
		if (now >= entry.from && now < entry.until) return entry.caller;
		remembered.delete(key);
		return undefined;
	}

	function forgetWhere(id: string, matches: (caller: Caller) => boolean): void {
		distrusted.set(id, clock());
		// Checks that are under way may have read the state before the revocation: nobody may join or keep them.
		generation++;
		flights.clear();
		for (const [key, { caller }] of remembered.entries()) if (matches(caller)) remembered.delete(key);
	}

	return {
		recall,

		check(key, check) {
			const running = flights.get(key);
			if (running) return running;
			const from = clock();
			const began = generation;
			const flight = check()
				.then(({ caller, expiresAt, confirmed }) => {
					if (confirmed && began === generation) {
						remembered.set(key, { caller, from, until: Math.min(from + trustMs, expiresAt) });
					}
					return caller;
				})
				.finally(() => {
					if (flights.get(key) === flight) flights.delete(key);
				});
			flights.set(key, flight);
			return flight;
		},

		distrust: (sessionId) => void distrusted.set(sessionId, clock()),
		forget: (sessionId) => forgetWhere(sessionId, (caller) => caller.sessionId === sessionId),
		forgetUser: (userId) => forgetWhere(userId, (caller) => caller.userId === userId),

		isDistrusted({ sessionId, userId, issuedAt }) {
			const since = distrusted.get(userId);
			return distrusted.has(sessionId) || (since !== undefined && issuedAt <= since);
		},
	};
}
