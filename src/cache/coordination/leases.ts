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
	| { readonly state: "held"; readonly token: string; readonly since: number; readonly leaseMs: number }
	| (FillFailure & { readonly state: "failing"; readonly since: number });

export function createLeases(clock: Clock, maxKeys: number): Leases {
	const slots = new LRUCache<string, Slot>({ max: maxKeys });

	/** Nothing, should the clock have been set back: how much is left is not known then. */
	function leftOf(slot: Slot | undefined): number {
		if (!slot) return 0;
		const ageMs = clock() - slot.since;
		const wholeMs = slot.state === "held" ? slot.leaseMs : slot.retryInMs;
		return ageMs < 0 ? 0 : Math.max(0, wholeMs - ageMs);
	}

	function isLast(key: string, token: string): boolean {
		const slot = slots.get(key);
		return slot?.state === "held" && slot.token === token;
	}

	function holds(key: string, token: string): boolean {
		return isLast(key, token) && leftOf(slots.get(key)) > 0;
	}

	return {
		holds,
		isLast,
		claim(key, token, leaseMs) {
			const slot = slots.get(key);
			const leftMs = leftOf(slot);
			if (slot?.state === "held" && slot.token !== token && leftMs > 0) {
				return { state: "held", remainingMs: leftMs };
			}
			if (slot?.state === "failing" && leftMs > 0) {
				const { status, failures } = slot;
				return { state: "failing", status, failures, retryInMs: leftMs };
			}
			const since = clock();
			slots.set(key, { state: "held", token, since, leaseMs });
			const remembered = slot?.state === "failing" && since - slot.since < slot.retryInMs + FAILURE_MEMORY_MS;
			return { state: "won", ...(remembered && { failures: slot.failures }) };
		},
		giveBack(key, token, failure) {
			if (!holds(key, token)) return;
			if (!failure) {
				slots.delete(key);
				return;
			}
			slots.set(key, { ...failure, state: "failing", since: clock() });
		},
		drop(key) {
			slots.delete(key);
		},
	};
}
