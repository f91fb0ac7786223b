import { Buffer } from "node:buffer";
import { LRUCache } from "lru-cache";
import type { Entry, EntryCodec } from "./entry.ts";

/** Bound on the copies of stored bytes that are kept to compare with. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 5_000;
/** Bookkeeping of an entry beside its name and bytes, rounded up. */
const OVERHEAD_BYTES = 256;

interface Known {
	/** A copy: what a client hands over may be a view on a much larger piece of memory. */
	readonly bytes: Uint8Array;
	readonly entry: Entry;
}

/**
 * Reads the same bytes once. A store in memory gives the very same object again and again; one behind a wire gives new
 * ones, which for a hot key are mostly equal to those before, and comparing is much cheaper than reading. Nothing is
 * taken for granted: what was changed in the store is other bytes, and read anew. No key is under two names.
 */
export function rememberingDecoder(codec: EntryCodec): EntryCodec["decode"] {
	const byObject = new WeakMap<Uint8Array, Entry>();
	/** `"once"`: seen, and not worth a copy before it comes again as another object. */
	const byName = new LRUCache<string, Known | "once">({
		max: MAX_ENTRIES,
		maxSize: MAX_BYTES,
		sizeCalculation: (known, name) =>
			(known === "once" ? 0 : known.bytes.byteLength) + name.length * 2 + OVERHEAD_BYTES,
	});

	return function decode(name, bytes) {
		const same = byObject.get(bytes);
		if (same) return same;
		const known = byName.get(name);
		if (known && known !== "once" && Buffer.compare(known.bytes, bytes) === 0) return known.entry;
		if (known === undefined) return decodeObject(name, bytes);
		// Not `slice`: a Buffer's is a view on the same memory.
		const copy = new Uint8Array(bytes);
		const entry = codec.decode(name, copy);
		if (!entry) return undefined;
		byObject.set(bytes, entry);
		byName.set(name, { bytes: copy, entry });
		return entry;
	};

	function decodeObject(name: string, bytes: Uint8Array): Entry | undefined {
		const entry = codec.decode(name, bytes);
		if (!entry) return undefined;
		byObject.set(bytes, entry);
		byName.set(name, "once");
		return entry;
	}
}
