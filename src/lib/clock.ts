/** The only way code below the entry points learns the time. Milliseconds since the epoch. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

const DUBAI_OFFSET_MS = 4 * 60 * 60 * 1000;

/** The calendar day in Dubai (UTC+4, no daylight saving) as `YYYY-MM-DD`. */
export function dubaiDay(nowMs: number): string {
	return new Date(nowMs + DUBAI_OFFSET_MS).toISOString().slice(0, 10);
}
