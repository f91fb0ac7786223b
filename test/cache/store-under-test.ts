import type { CacheStore } from "../../src/cache/store.ts";

export interface StoreUnderTest {
	store: CacheStore;
	/** Lets time pass for the store: moves its clock, or waits for a server that has its own. */
	pass(ms: number): Promise<void> | void;
	/** Makes the store forget a tag's mark, where that can be brought about from outside. */
	loseMark?(tag: string): Promise<void>;
	close?(): Promise<void>;
}

export function bytes(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

/** What is stored under a key, as text. */
export async function textAt(store: CacheStore, key: string): Promise<string | undefined> {
	const hit = await store.get(key);
	return hit && Buffer.from(hit.value).toString();
}

/** Keys that a backend could take for something else. */
export const ODD_KEYS = [
	"t:*",
	"t:[a]?",
	"t:__proto__",
	"constructor",
	"t:\0",
	"t: ü 🏠",
	"t:{a}b",
	"t:{b",
	"t:%7Bb",
	"t:}{}",
	"{}",
	`t:${"k".repeat(4_000)}`,
];
