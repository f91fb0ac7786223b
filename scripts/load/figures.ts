import { percentile } from "../../bench/faults/waits.ts";
import type { Ask } from "./asks.ts";
import { FINE, REFUSED } from "./judge.ts";
import type { Asked } from "./records.ts";

/** What became of the requests of some stretch of time. */
export interface Figures {
	readonly requests: number;
	/** A second. */
	readonly rate: number;
	/** Of the single answers that came, the share that was stored, fresh or stale; 0..1. */
	readonly hitRatio: number;
	readonly hits: Latency;
	readonly stale: Latency;
	/** Of single answers that were worked out. */
	readonly misses: Latency;
	/** Of lists of properties. */
	readonly batches: Latency;
	readonly refused: number;
	/** How often what went wrong. */
	readonly failures: ReadonlyMap<string, number>;
}

/** Milliseconds. */
export interface Latency {
	readonly count: number;
	readonly p50: number;
	readonly p99: number;
}

export function figuresOf(asked: readonly Asked[], asks: readonly Ask[], seconds: number): Figures {
	const isBatch = ({ ask }: Asked) => asks[ask]?.kind === "batch";
	const answered = asked.filter(({ outcome }) => isFine(outcome));
	const single = answered.filter((one) => !isBatch(one));
	const hits = single.filter(({ outcome }) => outcome === "hit");
	const stale = single.filter(({ outcome }) => outcome === "stale");
	return {
		requests: asked.length,
		rate: asked.length / seconds,
		hitRatio: single.length === 0 ? 0 : (hits.length + stale.length) / single.length,
		hits: latencyOf(hits),
		stale: latencyOf(stale),
		misses: latencyOf(single.filter(isMiss)),
		batches: latencyOf(answered.filter(isBatch)),
		refused: asked.filter(({ outcome }) => outcome === REFUSED).length,
		failures: failuresOf(asked),
	};
}

/** How often what went wrong: neither an answer nor a refusal as documented. */
export function failuresOf(asked: readonly Asked[]): Map<string, number> {
	const failures = new Map<string, number>();
	for (const { outcome } of asked) {
		if (isFine(outcome) || outcome === REFUSED) continue;
		failures.set(outcome, (failures.get(outcome) ?? 0) + 1);
	}
	return failures;
}

/** `2 hung up, 1 status 500`; `0` where nothing went wrong. */
export function failuresText(failures: ReadonlyMap<string, number>): string {
	return [...failures].map(([what, times]) => `${times} ${what}`).join(", ") || "0";
}

export function isFine(outcome: string): boolean {
	return (FINE as readonly string[]).includes(outcome);
}

export function isMiss({ outcome }: Pick<Asked, "outcome">): boolean {
	return outcome === "stored" || outcome === "fresh";
}

function latencyOf(asked: readonly Asked[]): Latency {
	const times = asked.map(({ ms }) => ms).sort((left, right) => left - right);
	return { count: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}
