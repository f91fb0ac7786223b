import { randomUUID } from "node:crypto";
import { withinMs } from "./deadline.ts";
import type { Entry } from "./entry.ts";
import type { Policy } from "./policy.ts";
import type { Returns } from "./returns.ts";
import type { Coordination, FillFailure, Generations, Held, StoreHit } from "./store.ts";

/**
 * Pauses between two looks at a lease that another process holds. That its holder has failed is to be seen for 100 ms at
 * first (`backoff.ts`): with longer pauses those who wait would miss it, and try for themselves.
 */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 40;

export type Turn =
	/** Ours to fill, after this many attempts in a row that failed. */
	| { readonly state: "ours"; readonly held: Held; readonly failures: number }
	/** Another process has filled it. */
	| { readonly state: "filled"; readonly entry: Entry }
	| { readonly state: "failing"; readonly failure: FillFailure };

export interface TurnOptions {
	coordination: Coordination;
	returns: Returns;
	policy: Policy;
	/** The key's name in the store. */
	key: string;
	/** Marks as read by the lookup before. */
	generations: Generations;
	/** Reads them again, for those who had to wait. */
	readGenerations(): Promise<Generations>;
	/** What is stored now, if that is what the caller wants, so nothing has to be filled. */
	wanted(hit: StoreHit, generations: Generations): Entry | undefined;
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
	const { coordination, returns, policy, key } = options;
	const token = randomUUID();
	const leaseMs = Math.ceil(policy.lease * 1000);
	const noMatter = () => {};
	let generations = options.generations;
	let asked = coordination.acquire(key, token, leaseMs);
	try {
		let claim = await withinMs(options.budgetMs, "lease", asked);
		for (
			let pauseMs = FIRST_PAUSE_MS;
			claim.state === "held";
			pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
		) {
			await sleep(pauseMs);
			asked = coordination.acquire(key, token, leaseMs);
			// Read together with the claim and so before anything is filled: what was purged meanwhile must be noticed.
			[claim, generations] = await Promise.all([asked, options.readGenerations()]);
		}
		if (claim.state === "failing") return { state: "failing", failure: claim };
		const entry = claim.hit && options.wanted(claim.hit, generations);
		if (!entry) return { state: "ours", held: { token, generations }, failures: claim.failures ?? 0 };
		returns.giveBack({ key, token, leaseMs }).catch(noMatter);
		return { state: "filled", entry };
	} catch (error) {
		// It may be ours all the same, granted too late; then everybody would wait for nobody.
		asked
			.catch(noMatter)
			.then(() => returns.giveBack({ key, token, leaseMs }))
			.catch(noMatter);
		throw error;
	}
}

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
