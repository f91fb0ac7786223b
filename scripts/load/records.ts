import type { Ask } from "./asks.ts";
import type { Outcome } from "./judge.ts";

/** What the generator is told before it begins, as one line of JSON. */
export interface GeneratorOrder {
	/** On the loopback interface. */
	readonly port: number;
	readonly asks: readonly Ask[];
	readonly order: readonly number[];
	/** For each user the header fields that show who it is. */
	readonly users: readonly Readonly<Record<string, string>>[];
	/** How long after a request the same user sends the next, in the mean. */
	readonly everyMs: number;
	readonly seed: number;
}

/** All requests, each a place in every column, by when they ended. */
export interface Columns {
	/** When it was sent, milliseconds since the epoch. */
	readonly at: number[];
	/** From then until it ended. */
	readonly ms: number[];
	readonly ask: number[];
	readonly user: number[];
	/** Index into `outcomes`. */
	readonly outcome: number[];
	readonly outcomes: Outcome[];
}

/** What the generator prints at its end, as one line of JSON. */
export interface GeneratorReport {
	readonly columns: Columns;
	/** How much later than wanted requests were sent although the user had nothing else under way: p99, milliseconds. */
	readonly lateMs: number;
}

/** One request. */
export interface Asked {
	readonly at: number;
	readonly ms: number;
	readonly ask: number;
	readonly user: number;
	readonly outcome: Outcome;
}

export function askedOf({ at, ms, ask, user, outcome, outcomes }: Columns): Asked[] {
	return at.map((time, index) => ({
		at: time,
		ms: ms[index] ?? 0,
		ask: ask[index] ?? 0,
		user: user[index] ?? 0,
		outcome: outcomes[outcome[index] ?? 0] ?? "unknown",
	}));
}
