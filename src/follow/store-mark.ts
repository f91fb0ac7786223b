import type { CacheStore } from "../cache/index.ts";

/** A note that is kept in the store beside the entries it tells about, and is gone when they are. */
export interface StoreMark {
	/** @throws what the store threw */
	read(): Promise<string | undefined>;
	/** @throws what the store threw */
	write(text: string): Promise<void>;
}

/** Longer than any entry lives. */
const KEPT_FOR_MS = 30 * 24 * 60 * 60 * 1000;

export function storeMark(store: CacheStore, name: string): StoreMark {
	const key = `state:${name}`;
	return {
		async read() {
			const hit = await store.get(key);
			return hit && new TextDecoder().decode(hit.value);
		},
		write: (text) => store.set(key, new TextEncoder().encode(text), KEPT_FOR_MS),
	};
}
