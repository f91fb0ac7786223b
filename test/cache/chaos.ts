import { forwarding } from "../../src/cache/forward.ts";
import type { CacheStore } from "../../src/cache/store.ts";
import { seededRandom } from "./support/random.ts";

export interface ChaosOptions {
	seed: number;
	/** Longest pause before a call reaches the store, and again before its answer comes back. Default 0. */
	delayMs?: number;
	/** Share of calls that fail, half of them after the store has carried them out. Default 0. */
	rejectShare?: number;
	/** Share of calls that hang until `letGo`, half of them after the store has carried them out. Default 0. */
	hangShare?: number;
}

export interface ChaoticStore extends CacheStore {
	/** Calls that hang at the moment go on: to the store, if they have not been there, and then fail. */
	letGo(): void;
}

/** The same store behind a bad line. The same seed and order of calls make the same faults. */
export function chaotic(store: CacheStore, options: ChaosOptions): ChaoticStore {
	const { seed, delayMs = 0, rejectShare = 0, hangShare = 0 } = options;
	const random = seededRandom(seed);
	let gate = Promise.withResolvers<void>();

	async function pause(ms: number): Promise<void> {
		if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, ms));
	}

	const forwarded = forwarding(store, async (call, carryOut) => {
		// Drawn before anything is awaited, so that the order of calls alone decides.
		const [fate, when, before, after] = [random(), random(), random() * delayMs, random() * delayMs];
		const hangs = fate < hangShare;
		const rejects = !hangs && fate < hangShare + rejectShare;
		const { promise: opened } = gate;

		await pause(before);
		if (rejects && when < 0.5) throw new Error(`chaos: ${call} did not arrive`);
		if (hangs && when < 0.5) await opened;
		const result = await carryOut();
		if (hangs) {
			await opened;
			throw new Error(`chaos: ${call} hung`);
		}
		await pause(after);
		if (rejects) throw new Error(`chaos: the answer to ${call} was lost`);
		return result;
	});
	return {
		...forwarded,
		letGo() {
			gate.resolve();
			gate = Promise.withResolvers();
		},
	};
}
