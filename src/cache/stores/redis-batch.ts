import type { Redis } from "ioredis";
import { failureCause } from "../failure.ts";

/** More keys in one command would keep other clients waiting, and one slow answer everybody in it. */
const MOST_KEYS_AT_ONCE = 64;

export interface BatchedReads {
	/** The bytes under a key. */
	value(key: string): Promise<Buffer | null>;
	/** The bytes, and PTTL: milliseconds until the key goes, or below 0. */
	valueAndRemaining(key: string): Promise<readonly [value: Buffer | null, remainingMs: number]>;
	/** The same for keys that somebody has gathered already: sent at once. Not for a cluster. */
	allValues(keys: readonly string[]): Promise<(Buffer | null)[]>;
	allRemaining(keys: readonly string[]): Promise<number[]>;
}

/**
 * Gathers the reads of one turn of the event loop, so that an entry and the marks of its tags are one round trip, and
 * those of several requests too: each distinct key is asked for once. On a cluster, where keys live on several nodes,
 * each is a command of its own; they leave together all the same.
 */
export function batchedReads(client: Redis, isCluster: boolean): BatchedReads {
	const values = perTurn<Buffer | null>((keys) =>
		isCluster ? getEach(keys) : chunks(keys).flatMap(getTogether),
	);
	const remaining = perTurn<number>((keys) => keys.map((key) => client.pttl(key)));

	function getEach(keys: string[]): Promise<Buffer | null>[] {
		return keys.map((key) => client.getBuffer(key).catch(nothingOfAnotherType));
	}

	function getTogether(keys: string[]): Promise<Buffer | null>[] {
		const reply = client.mgetBuffer(keys);
		return keys.map((_, index) => reply.then((found) => found[index] ?? null));
	}

	return {
		value: values,
		valueAndRemaining: (key) => Promise.all([values(key), remaining(key)]),
		async allValues(keys) {
			return (await Promise.all(chunks(keys).map((some) => client.mgetBuffer(some)))).flat();
		},
		allRemaining: (keys) => Promise.all(keys.map((key) => client.pttl(key))),
	};
}

/** What MGET says of what is no string, and GET does not: so it is made room for on a cluster, too. */
function nothingOfAnotherType(error: unknown): null {
	if (failureCause(error) === "wrong-type") return null;
	throw error;
}

/** Collects keys until the current turn ends, then asks for all of them; `ask` answers in their order. */
function perTurn<T>(ask: (keys: string[]) => Promise<T>[]): (key: string) => Promise<T> {
	let waiting: Map<string, PromiseWithResolvers<T>> | undefined;

	function flush(): void {
		const asked = [...(waiting ?? [])];
		waiting = undefined;
		const answers = ask(asked.map(([key]) => key));
		asked.forEach(([, { resolve, reject }], index) => {
			answers[index]?.then(resolve, reject);
		});
	}

	return (key) => {
		if (!waiting) {
			waiting = new Map();
			setImmediate(flush);
		}
		const known = waiting.get(key);
		if (known) return known.promise;
		const added = Promise.withResolvers<T>();
		waiting.set(key, added);
		return added.promise;
	};
}

function chunks(keys: readonly string[]): string[][] {
	const count = Math.ceil(keys.length / MOST_KEYS_AT_ONCE);
	return Array.from({ length: count }, (_, index) =>
		keys.slice(index * MOST_KEYS_AT_ONCE, (index + 1) * MOST_KEYS_AT_ONCE),
	);
}
