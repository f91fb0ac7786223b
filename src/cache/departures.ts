import type { Backoff } from "./backoff.ts";
import type { CacheListener, FillCause } from "./events.ts";
import { failureCause } from "./failure.ts";
import type { Outcome, Runner } from "./fill.ts";
import type { Flight, Flights } from "./flight.ts";
import { takeTurn } from "./lease.ts";
import type { Found, Lookup } from "./lookup.ts";
import type { Returns } from "./returns.ts";
import type { Coordination } from "./store.ts";
import type { Ask } from "./types.ts";

export interface DepartureDeps {
	coordination: Coordination;
	returns: Returns;
	storeName: string;
	lookup: Lookup;
	flights: Flights<Outcome<unknown>>;
	runner: Runner;
	backoff: Backoff;
	listener: CacheListener;
}

export interface Departures {
	/** Starts a flight that the others of this process can board: takes a turn among the processes, then fills. */
	depart<R>(
		ask: Ask<R>,
		found: Found,
		flightKey: string,
		by: FillCause,
		leaseBudgetMs: number,
	): Flight<Outcome<unknown>>;
}

export function createDepartures(deps: DepartureDeps): Departures {
	const { coordination, returns, storeName, lookup, flights, runner, backoff, listener } = deps;

	function depart<R>(
		ask: Ask<R>,
		found: Found,
		flightKey: string,
		by: FillCause,
		leaseBudgetMs: number,
	): Flight<Outcome<unknown>> {
		const landing = Promise.withResolvers<void>();
		const outcome = fly();
		handOver(ask, () => Promise.all([outcome, landing.promise]));
		return flights.start(flightKey, { outcome, landed: landing.promise });

		/** What goes wrong is part of the outcome. */
		async function fly(): Promise<Outcome<unknown>> {
			const { policy, key } = ask;
			const turn = await turnFor(ask, found, leaseBudgetMs);
			if (turn.state === "filled") {
				landing.resolve();
				return { kind: "entry", entry: turn.entry, stored: true, elsewhere: true };
			}
			if (turn.state === "failing") {
				landing.resolve();
				backoff.heard(key.digest, turn.failure);
				return { kind: "busy", ...turn.failure };
			}
			const { held, failures } =
				turn.state === "ours" ? turn : { held: "store-failed" as const, failures: 0 };
			const replaces = found.entry !== undefined;
			const run = runner.run({
				policy,
				key,
				by,
				held,
				failures,
				replaces,
				fill: (signal) => ask.fill(signal),
			});
			run.landed.then(landing.resolve, landing.resolve);
			return run.outcome;
		}
	}

	async function turnFor<R>(ask: Ask<R>, found: Found, leaseBudgetMs: number) {
		const { policy, key } = ask;
		if (!found.generations) return { state: "none" as const };
		const newest = found.entry?.storedAt ?? Number.NEGATIVE_INFINITY;
		try {
			return await takeTurn({
				coordination,
				returns,
				policy,
				key: key.name,
				generations: found.generations,
				readGenerations: () => lookup.generations(ask.tags),
				wanted(hit, generations) {
					const { state, entry } = lookup.judge(policy, key, hit, generations);
					return !ask.renew && state === "fresh" && entry && entry.storedAt > newest ? entry : undefined;
				},
				budgetMs: leaseBudgetMs,
			});
		} catch (error) {
			listener({
				type: "store-failed",
				operation: "lease",
				store: storeName,
				cause: failureCause(error),
				error,
			});
			return { state: "none" as const };
		}
	}

	return { depart };
}

/** Lets the platform know of work that goes on behind the answer, if it wants to hear of it. */
export function handOver<R>(ask: Ask<R>, work: () => Promise<unknown>): void {
	try {
		ask.waitUntil?.(work());
	} catch {
		// There is no such platform, or the request that it would have waited for is over.
	}
}

/** Marks are part of it: who asks after a purge does not board a flight that left before. */
export function flightKeyOf<R>({ key, renew }: Ask<R>, { generations }: Found): string {
	const marks = generations ? Object.values(generations).join(" ") : "";
	return `${key.name} ${key.digest} ${renew ? "renew " : ""}${marks}`;
}
