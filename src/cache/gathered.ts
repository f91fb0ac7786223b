import { setImmediate } from "node:timers";
import type { CacheStore, ReadTogether, StoreHit } from "./store.ts";
import { allKnown } from "./tags.ts";

/**
 * The same store, but what is read of it in one turn of the event loop is read together, each distinct key and tag once:
 * under load that is one round trip, one deadline and one answer to take apart for many requests. Nothing is shared with
 * a read that is already on its way, so whoever asks after a purge is never given what was read before it.
 */
export function gathered(store: CacheStore): CacheStore {
	const { coordination } = store;
	if (!coordination?.readTogether) return store;
	const { readTogether } = coordination;
	let turn: Turn | undefined;

	function thisTurn(): Turn {
		if (!turn) {
			turn = new Turn();
			setImmediate(send);
		}
		return turn;
	}

	function send(): void {
		const sent = turn;
		turn = undefined;
		void sent?.sendBy(readTogether);
	}

	return {
		...store,
		get: (key) => thisTurn().hitFor(key),
		coordination: {
			...coordination,
			generations: (tags) => thisTurn().marksFor(tags),
			readTogether: (keys, tags) => thisTurn().bothFor(keys, tags),
		},
	};
}

/** What is asked for in one turn: each distinct key and tag has a place in what is asked of the store. */
class Turn {
	readonly #answer = Promise.withResolvers<ReadTogether>();
	readonly #keys = new Map<string, number>();
	readonly #tags = new Map<string, number>();

	hitFor(key: string): Promise<StoreHit | undefined> {
		const place = placeIn(this.#keys, key);
		return this.#answer.promise.then(({ hits }) => hits[place]);
	}

	marksFor(tags: readonly string[]): Promise<string[]> {
		const places = tags.map((tag) => placeIn(this.#tags, tag));
		return this.#answer.promise.then(({ marks }) => allKnown(places.map((place) => marks[place] ?? "")));
	}

	bothFor(keys: readonly string[], tags: readonly string[]): Promise<ReadTogether> {
		const keyPlaces = keys.map((key) => placeIn(this.#keys, key));
		const tagPlaces = tags.map((tag) => placeIn(this.#tags, tag));
		return this.#answer.promise.then(({ hits, marks }) => ({
			hits: keyPlaces.map((place) => hits[place]),
			marks: tagPlaces.map((place) => marks[place] ?? ""),
		}));
	}

	async sendBy(
		read: (keys: readonly string[], tags: readonly string[]) => Promise<ReadTogether>,
	): Promise<void> {
		try {
			this.#answer.resolve(await read([...this.#keys.keys()], [...this.#tags.keys()]));
		} catch (error) {
			this.#answer.reject(error);
		}
	}
}

function placeIn(places: Map<string, number>, name: string): number {
	const known = places.get(name);
	if (known !== undefined) return known;
	places.set(name, places.size);
	return places.size - 1;
}
