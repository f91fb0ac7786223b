import type { CacheEvent } from "../cache/index.ts";
import type { Clock } from "../lib/clock.ts";
import {
	type AnsweredWindow,
	createAnsweredWindow,
	LAST_15_MINUTES_MS,
	LAST_MINUTE_MS,
} from "./answered-window.ts";
import type { PolicyReport } from "./cache-report.ts";
import { createCounter } from "./counter.ts";
import { createHistogram } from "./histogram.ts";

/** The events that belong to one policy. */
export type PolicyEvent = Extract<CacheEvent, { policy: string }>;

/** Counts what happens under one policy. */
export interface PolicyStats {
	hear(event: PolicyEvent): void;
	tick(): void;
	report(): PolicyReport;
}

export function createPolicyStats(clock: Clock): PolicyStats {
	const hits = createCounter();
	const stale = createCounter();
	const misses = createCounter();
	const bypasses = createCounter();
	const refused = createCounter();
	const fills = createCounter();
	const fillTimes = createHistogram();
	const window: AnsweredWindow = createAnsweredWindow(clock);
	let [served, missed, collapsed, failedFills, savedMs] = [0, 0, 0, 0, 0];

	return {
		hear(event) {
			switch (event.type) {
				case "hit":
					hits.add(event.tier);
					served += 1;
					savedMs += event.savedMs;
					return;
				case "stale":
					stale.add(event.because);
					served += 1;
					savedMs += event.savedMs;
					return;
				case "miss":
					misses.add(event.reason);
					missed += 1;
					if (event.collapsed) collapsed += 1;
					return;
				case "bypass":
					return bypasses.add(event.reason);
				case "refused":
					return refused.add(event.reason);
				case "filled":
					fills.add(event.by);
					return fillTimes.observe(event.tookMs);
				case "fill-failed":
					failedFills += 1;
					return;
			}
		},
		tick: () => window.mark({ served, missed }),
		report: () => ({
			hits: hits.counts(),
			stale: stale.counts(),
			misses: misses.counts(),
			collapsed,
			bypasses: bypasses.counts(),
			refused: refused.counts(),
			fills: fills.counts(),
			fillTimes: fillTimes.snapshot(),
			failedFills,
			savedMs: Math.round(savedMs),
			lastMinute: window.within(LAST_MINUTE_MS, { served, missed }),
			last15Minutes: window.within(LAST_15_MINUTES_MS, { served, missed }),
		}),
	};
}
