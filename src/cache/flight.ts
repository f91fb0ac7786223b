/** Work that all who ask for the same thing wait for. */
export interface Flight<T> {
	/** What those who wait get. */
	readonly outcome: Promise<T>;
	/** When it no longer makes sense to join: what it made is where a lookup finds it. */
	readonly landed: Promise<unknown>;
}

/** One flight per key in this process. */
export interface Flights<T> {
	get(key: string): Flight<T> | undefined;
	/** Takes off. The flight can be joined until it has landed or was dropped. */
	start(key: string, work: Flight<T>): Flight<T>;
	/** Nobody joins any more those that match; whoever is aboard still gets the outcome. */
	drop(matches?: (key: string) => boolean): void;
	settled(): Promise<void>;
}

export function createFlights<T>(): Flights<T> {
	const joinable = new Map<string, Flight<T>>();
	const underWay = new Set<Promise<unknown>>();

	return {
		get: (key) => joinable.get(key),
		start(key, flight) {
			joinable.set(key, flight);
			const landing = Promise.allSettled([flight.outcome, flight.landed]).then(() => {
				if (joinable.get(key) === flight) joinable.delete(key);
				underWay.delete(landing);
			});
			underWay.add(landing);
			return flight;
		},
		drop(matches = () => true) {
			for (const key of joinable.keys()) if (matches(key)) joinable.delete(key);
		},
		async settled() {
			while (underWay.size > 0) await Promise.all(underWay);
		},
	};
}
