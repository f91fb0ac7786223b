import type { Awaitable, CacheStore, Coordination, Inspection } from "./store.ts";

/** What can be asked of a store, its capabilities included. */
export type StoreCall =
	| "get"
	| "set"
	| "delete"
	| Exclude<keyof Coordination, "onEvicted">
	| keyof Inspection;

/** Carries a call out, before or after whatever else a wrapper does. `T` is what that call gives. */
export type Around = <T>(call: StoreCall, carryOut: () => Awaitable<T>) => Promise<T>;

/** The same store, its capabilities too, with something around each call. */
export function forwarding(store: CacheStore, around: Around): CacheStore {
	const { name, coordination, inspection } = store;
	return {
		name,
		get: (key) => around("get", () => store.get(key)),
		set: (key, value, ttlMs) => around("set", () => store.set(key, value, ttlMs)),
		delete: (key) => around("delete", () => store.delete(key)),
		...(coordination && { coordination: forwardingCoordination(coordination, around) }),
		...(inspection && { inspection: forwardingInspection(inspection, around) }),
	};
}

type ReadsTogether = Coordination & Required<Pick<Coordination, "readTogether">>;

function forwardingCoordination(inner: Coordination, around: Around): Coordination {
	return {
		generations: (tags) => around("generations", () => inner.generations(tags)),
		...(inner.readTogether && {
			readTogether: (keys: readonly string[], tags: readonly string[]) =>
				around("readTogether", () => (inner as ReadsTogether).readTogether(keys, tags)),
		}),
		invalidate: (tags, how) => around("invalidate", () => inner.invalidate(tags, how)),
		evict: (key) => around("evict", () => inner.evict(key)),
		acquire: (key, token, leaseMs) => around("acquire", () => inner.acquire(key, token, leaseMs)),
		commit: (key, value, ttlMs, held) => around("commit", () => inner.commit(key, value, ttlMs, held)),
		release: (key, token, failure) => around("release", () => inner.release(key, token, failure)),
		...(inner.onEvicted && { onEvicted: inner.onEvicted.bind(inner) }),
	};
}

function forwardingInspection(inner: Inspection, around: Around): Inspection {
	return {
		list: (prefix, page) => around("list", () => inner.list(prefix, page)),
		peek: (keys, headBytes) => around("peek", () => inner.peek(keys, headBytes)),
		usage: () => around("usage", () => inner.usage()),
	};
}
