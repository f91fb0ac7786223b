import { warm } from "../cache/index.ts";
import type { WarmingState } from "../health/warming-check.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { createPause } from "../lib/pause.ts";

export interface WarmSummary {
	readonly warmed: number;
	readonly failed: number;
	readonly ms: number;
}

export interface Warmer {
	readonly state: WarmingState;
	/**
	 * Begins when none is under way, else joins the one that is, whatever that one was asked for. Never rejects.
	 *
	 * @param valuations how many of those asked for most. @default what `requests` gives by itself
	 */
	warm(valuations?: number): Promise<WarmSummary>;
	/** Something changed: warms again soon, however often this is called. */
	changed(): void;
	stop(): void;
}

export interface WarmerDeps {
	/** What is worth having, the most wanted first. */
	requests(valuations?: number): Promise<readonly Request[]>;
	/** Answers them as callers would be answered, without asking who they are. */
	fetch(request: Request, env: object): Response | Promise<Response>;
	clock: Clock;
	logger: Logger;
	/** Requests under way at once; callers want the database too. @default 3 */
	concurrency?: number;
	/** Milliseconds from one change to its warming: what changes together is warmed together. @default 500 */
	settleMs?: number;
}

/** Has answers made before anybody asks for them. */
export function createWarmer(deps: WarmerDeps): Warmer {
	const { clock, logger, concurrency = 3, settleMs = 500 } = deps;
	const ended = new AbortController();
	const pause = createPause();
	let state: WarmingState = { state: "waiting", warmed: 0, failed: 0 };
	let underWay: Promise<WarmSummary> | undefined;
	let isSettling = false;

	async function run(valuations?: number): Promise<WarmSummary> {
		const begun = clock();
		state = { state: "running", warmed: 0, failed: 0 };
		let summary = { warmed: 0, failed: 0, ms: 0 };
		try {
			const requests = await deps.requests(valuations);
			const total = requests.length;
			const { warmed, failed } = await warm(requests, deps.fetch, {
				concurrency,
				signal: ended.signal,
				onProgress: (done) => {
					state = { ...state, warmed: done, total };
				},
			});
			summary = { warmed, failed: failed.length, ms: Math.max(0, clock() - begun) };
			state = { state: "done", warmed, failed: failed.length, total };
			if (!ended.signal.aborted) logger.info(summary, "Cache warmed");
		} catch (error) {
			state = { ...state, state: "done" };
			logger.warn({ error }, "The cache could not be warmed");
		}
		return summary;
	}

	function warmNow(valuations?: number): Promise<WarmSummary> {
		underWay ??= run(valuations).finally(() => {
			underWay = undefined;
		});
		return underWay;
	}

	async function soon(): Promise<void> {
		if (isSettling) return;
		isSettling = true;
		await pause.wait(settleMs);
		// One that began before the change may have passed by what it voided.
		await underWay;
		isSettling = false;
		if (!pause.ended) await warmNow();
	}

	return {
		get state() {
			return state;
		},
		warm: warmNow,
		changed: () => void soon(),
		stop() {
			pause.end();
			ended.abort();
		},
	};
}
