import type { Clock } from "../lib/clock.ts";

/** How far the cache has been filled before anybody asks. */
export interface WarmingState {
	readonly state: "waiting" | "running" | "done";
	readonly warmed: number;
	readonly failed: number;
	/** Known once it runs. */
	readonly total?: number;
}

/** Whoever is not warm by then never will be, and slow answers are better than none. */
const WAIT_FOR_MS = 60_000;

/**
 * Whether to wait for the warming at the start. That after a change of the data is none of a balancer's business: the
 * server has been answering all the time.
 */
export function createWarmingCheck(clock: Clock): (now: WarmingState | undefined) => boolean {
	const startedAt = clock();
	let over = false;
	return (now) => {
		over ||= now === undefined || now.state === "done" || clock() - startedAt >= WAIT_FOR_MS;
		return over;
	};
}
