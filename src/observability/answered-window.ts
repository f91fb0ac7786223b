import type { Clock } from "../lib/clock.ts";
import type { Answered } from "./cache-report.ts";

/** Totals of the last 15 minutes, to tell what was answered within the last of any time up to that. */
export interface AnsweredWindow {
	/** Remembers the totals of this moment. Call it every few seconds. */
	mark(totals: Answered): void;
	/** What was answered within the last `ms` until now, as exactly as the marks are apart. */
	within(ms: number, totals: Answered): Answered;
}

export const LAST_MINUTE_MS = 60_000;
export const LAST_15_MINUTES_MS = 15 * LAST_MINUTE_MS;

/** Marks that are nearer to each other than this are one. */
const APART_MS = 4_000;

export function createAnsweredWindow(clock: Clock): AnsweredWindow {
	// Of before the first mark it is known that nothing was answered.
	let marks: (Answered & { at: number })[] = [{ at: clock(), served: 0, missed: 0 }];

	return {
		mark({ served, missed }) {
			const now = clock();
			if (Math.abs(now - (marks.at(-1)?.at ?? 0)) < APART_MS) return;
			marks.push({ at: now, served, missed });
			// One that is older is needed yet: what came since it is within the 15 minutes.
			const first = marks.findLastIndex(({ at }) => at <= now - LAST_15_MINUTES_MS);
			if (first > 0) marks = marks.slice(first);
		},
		within(ms, { served, missed }) {
			const from = marks.findLast(({ at }) => at <= clock() - ms) ?? marks[0];
			if (!from) return { served, missed };
			return { served: served - from.served, missed: missed - from.missed };
		},
	};
}
