import type { Flight, Flights } from "./flight.ts";

export interface Boarding<T> {
	readonly flight: Flight<T>;
	/** Somebody else had set it off. */
	readonly joined: boolean;
}

/**
 * Takes callers aboard the flight for their key, or has one of them set it off. That one has to be admitted, which may
 * take a while; in the meantime the others wait to see rather than ask for themselves, as only one is to be charged for
 * what all of them get. Where that one is refused, the next one asks.
 */
export function createBoarding<T>(flights: Flights<T>) {
	const asking = new Map<string, Promise<void>>();

	/** @throws what `admit` threw */
	return async function board(
		key: string,
		admit: () => void | Promise<void>,
		depart: () => Flight<T>,
	): Promise<Boarding<T>> {
		for (;;) {
			const flight = flights.get(key);
			if (flight) return { flight, joined: true };
			const somebody = asking.get(key);
			if (!somebody) break;
			await somebody;
		}
		const admission = admit();
		if (!admission) return { flight: depart(), joined: false };
		const { promise, resolve } = Promise.withResolvers<void>();
		asking.set(key, promise);
		try {
			await admission;
			const flight = flights.get(key);
			return flight ? { flight, joined: true } : { flight: depart(), joined: false };
		} finally {
			asking.delete(key);
			resolve();
		}
	};
}
