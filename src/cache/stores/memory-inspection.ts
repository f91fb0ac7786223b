import type { LRUCache } from "lru-cache";
import type { Inspection, Peeked } from "../store.ts";

/** What is kept under a key. */
export interface Slot {
	readonly value: Uint8Array;
	readonly setAt: number;
	readonly ttlMs: number;
}

export interface MemoryInspectionOptions {
	slots: LRUCache<string, Slot>;
	/** Milliseconds; 0 when its time is over. */
	leftOf(slot: Slot): number;
	maxBytes: number;
	/** Entries that were dropped until now because a bound was reached. */
	evictions(): number;
}

/** Looks at entries without making any of them more recent. Pages go by the names' order; a cursor is the last name. */
export function memoryInspection(options: MemoryInspectionOptions): Inspection {
	const { slots, leftOf, maxBytes, evictions } = options;

	/** In no order, and without those whose time is over. */
	function* namesAfter(after: string | undefined, prefix: string): Iterable<string> {
		for (const [name, slot] of slots.entries()) {
			if (after !== undefined && name <= after) continue;
			if (name.startsWith(prefix) && leftOf(slot) > 0) yield name;
		}
	}

	function peekAt(key: string, headBytes: number): Peeked | undefined {
		const slot = slots.peek(key);
		const remainingMs = slot ? leftOf(slot) : 0;
		if (!slot || remainingMs === 0) return undefined;
		return { bytes: slot.value.byteLength, remainingMs, head: slot.value.subarray(0, headBytes) };
	}

	return {
		async list(prefix, { cursor, limit }) {
			const found = firstOf(namesAfter(cursor, prefix), limit + 1);
			const keys = found.slice(0, limit);
			const last = keys.at(-1);
			return { keys, ...(found.length > limit && last !== undefined && { cursor: last }) };
		},
		peek: async (keys, headBytes) => keys.map((key) => peekAt(key, headBytes)),
		async usage() {
			return { usedBytes: slots.calculatedSize, maxBytes, evictions: evictions(), entries: slots.size };
		},
	};
}

/** The first `count` names in their order, without sorting all that there are. */
function firstOf(names: Iterable<string>, count: number): string[] {
	let first: string[] = [];
	let last: string | undefined;
	for (const name of names) {
		if (last !== undefined && name > last) continue;
		first.push(name);
		if (first.length < count * 2) continue;
		first = first.sort().slice(0, count);
		last = first.at(-1);
	}
	return first.sort().slice(0, count);
}
