import { LRUCache } from "lru-cache";
import type { Entry } from "../entry.ts";
import type { Awaitable } from "../store.ts";
import { decoded } from "./encoding.ts";

/** Bound on the inflated bodies that are kept. */
const MAX_BYTES = 4 * 1024 * 1024;
/** What else is known of an entry, its headers above all; many answers are tiny. */
const OVERHEAD_BYTES = 2 * 1024;

/** An entry's body before compression. At once where it is small, or was asked for lately. @throws {Undecodable} (rejects) */
export type PlainBody = (entry: Entry) => Awaitable<Uint8Array>;

/** Keeps what was inflated lately. Whoever reads or changes an answer has a copy (Fetch standard, "extract a body"). */
export function createPlainBody(maxEntryBytes: number): PlainBody {
	const known = new LRUCache<Entry, Uint8Array>({
		maxSize: MAX_BYTES,
		// As long as it is kept here, nobody else can let go of the entry.
		// What inflates may give a view on a larger piece of memory.
		sizeCalculation: (bytes, entry) => bytes.buffer.byteLength + entry.body.byteLength + OVERHEAD_BYTES,
	});

	function keep(entry: Entry, bytes: Uint8Array): Uint8Array {
		known.set(entry, bytes);
		return bytes;
	}

	return function plainBody(entry) {
		const bytes = known.get(entry);
		if (bytes) return bytes;
		const inflated = decoded(entry, maxEntryBytes);
		return inflated instanceof Promise ? inflated.then((made) => keep(entry, made)) : keep(entry, inflated);
	};
}
