import { randomUUID } from "node:crypto";
import { StoreUnavailable } from "./failure.ts";
import type { Policy } from "./policy.ts";
import type { Claim, Coordination, FillFailure, Generations, Held, StoreHit } from "./store.ts";

/** Pauses between two looks at a lease that another process holds. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

export type Turn =
	/** Ours to fill, after this many attempts in a row that failed. */
	| { readonly state: "ours"; readonly held: Held; readonly failures: number }
	/** Another process has filled it: `hit`, to be judged by `generations`. */
	| { readonly state: "filled"; readonly hit: StoreHit; readonly generations: Generations }
	/** Another process is at it, and we did not want to wait. */
	| { readonly state: "held" }
	| { readonly state: "failing"; readonly failure: FillFailure };

export interface TurnOptions {
	coordination: Coordination;
	policy: Policy;
	/** The key's name in the store. */
	key: string;
	/** Marks as read by the lookup before. */
	generations: Generations;
	/** Reads them again, for those who had to wait. */
	readGenerations(): Promise<Generations>;
	/** Whether what is stored now is what the caller wants, so nothing has to be filled. */
	isGood(hit: StoreHit, generations: Generations): boolean;
	/** Whether to wait for another process. */
	wait: boolean;
	/** Bound on the first answer of the store, in milliseconds. */
	budgetMs: number;
}

/**
 * Waits until it is our turn to fill a key, or somebody else has done it. The lease ends by itself in the store, so
 * that a holder that died holds nobody up for longer than the policy's `lease`.
 *
 * @throws what the store threw: there is no turn to take then, and nobody to wait for.
 */
export async function takeTurn(options: TurnOptions): Promise<Turn> {
	const { coordination, policy, key, isGood } = options;
	const token = randomUUID();
	const leaseMs = Math.ceil(policy.lease * 1000);
	let generations = options.generations;
	let claim: Claim = await within(coordination.acquire(key, token, leaseMs), options.budgetMs);
	for (
		let pauseMs = FIRST_PAUSE_MS;
		claim.state === "held";
		pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
	) {
		if (!options.wait) return { state: "held" };
		await sleep(Math.min(pauseMs, claim.remainingMs + 1));
		// Read together with the claim and so before anything is filled: what was purged meanwhile must be noticed.
		[claim, generations] = await Promise.all([
			coordination.acquire(key, token, leaseMs),
			options.readGenerations(),
		]);
	}
	if (claim.state === "failing") return { state: "failing", failure: claim };
	if (claim.hit && isGood(claim.hit, generations)) {
		// Nothing hangs on this: the lease would end by itself.
		coordination.release(key, token).catch(() => {});
		return { state: "filled", hit: claim.hit, generations };
	}
	return { state: "ours", held: { token, generations }, failures: claim.failures ?? 0 };
}

/** @throws {Error} when the promise takes longer; what it comes to later is nobody's business. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
	const { promise: late, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new StoreUnavailable(`no lease within ${Math.round(ms)} ms`)), ms);
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
		promise.catch(() => {});
	}
}

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
