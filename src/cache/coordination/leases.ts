import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { Claim, FillFailure } from "../store.ts";

/** For how long after its back-off a failure still counts as one in a row. */
export const FAILURE_MEMORY_MS = 60_000;

/** Who may fill which key, in this process. Forgetting a lease costs its holder the right to store, no more. */
export interface Leases {
	/** Takes the lease if it is free, or ours by this token already. */
	claim(key: string, token: string, leaseMs: number): Claim;
	/** Whether the lease is held with this token and has not run out. */
	holds(key: string, token: string): boolean;
	/** The same, but one that has run out counts until somebody else takes it. */
	isLast(key: string, token: string): boolean;
	giveBack(key: string, token: string, failure?: FillFailure): void;
	/** Ends the lease whoever holds it, and forgets failures. */
	drop(key: string): void;
}

type Slot =
	| { readonly state: "held"; readonly token: string; readonly until: number }
	| {
			readonly state: "failing";
			readonly status: number;
			readonly failures: number;
			readonly retryAt: number;
	  };

export function createLeases(clock: Clock, maxKeys: number): Leases {
	const slots = new LRUCache<string, Slot>({ max: maxKeys });

	function isLast(key: string, token: string): boolean {
		const slot = slots.get(key);
		return slot?.state === "held" && slot.token === token;
	}

	function holds(key: string, token: string): boolean {
		const slot = slots.get(key);
		return slot?.state === "held" && slot.token === token && slot.until > clock();
	}

	return {
		holds,
		isLast,
		claim(key, token, leaseMs) {
			const now = clock();
			const slot = slots.get(key);
			if (slot?.state === "held" && slot.token !== token && slot.until > now) {
				return { state: "held", remainingMs: slot.until - now };
			}
			if (slot?.state === "failing" && slot.retryAt > now) {
				const { status, failures, retryAt } = slot;
				return { state: "failing", status, failures, retryInMs: retryAt - now };
			}
			slots.set(key, { state: "held", token, until: now + leaseMs });
			const remembered = slot?.state === "failing" && now - slot.retryAt < FAILURE_MEMORY_MS;
			return { state: "won", ...(remembered && { failures: slot.failures }) };
		},
		giveBack(key, token, failure) {
			if (!holds(key, token)) return;
			if (!failure) {
				slots.delete(key);
				return;
			}
			const { status, failures, retryInMs } = failure;
			slots.set(key, { state: "failing", status, failures, retryAt: clock() + retryInMs });
		},
		drop(key) {
			slots.delete(key);
		},
	};
}
