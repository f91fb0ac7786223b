import { LRUCache } from "lru-cache";
import type { Entry } from "../entry.ts";
import type { Awaitable } from "../store.ts";
import type { LastingBody } from "../types.ts";
import { decoded } from "./encoding.ts";

/** Bodies of entries, ready to be sent. */
export interface Bodies {
	/** As it is stored. */
	stored(entry: Entry): BodyInit;
	/** Before compression. At once where it is small, or was asked for lately. @throws {Undecodable} (rejects) */
	plain(entry: Entry): Awaitable<BodyInit>;
}

/** Bound on what is kept ready, of each kind. */
const MAX_BYTES = 4 * 1024 * 1024;
/** What else is known of an entry, its headers above all; many answers are tiny. */
const OVERHEAD_BYTES = 2 * 1024;

/**
 * Keeps what was sent lately: inflated bodies for clients without gzip, and whatever `lasting` makes. Nobody who reads or
 * changes an answer reaches the bytes: bytes are copied by the platform (Fetch standard, "extract a body"), and a blob
 * cannot be changed.
 */
export function createBodies(maxEntryBytes: number, lasting?: LastingBody): Bodies {
	const ready = () =>
		new LRUCache<Entry, { readonly body: BodyInit; readonly bytes: number }>({
			maxSize: MAX_BYTES,
			// As long as it is kept here, nobody else can let go of the entry.
			sizeCalculation: ({ bytes }, entry) => bytes + entry.body.byteLength + OVERHEAD_BYTES,
		});
	const stored = ready();
	const plain = ready();

	function keep(among: typeof stored, entry: Entry, bytes: Uint8Array): BodyInit {
		const body = lasting ? lasting(bytes) : (bytes as BodyInit);
		among.set(entry, { body, bytes: bytes.byteLength });
		return body;
	}

	return {
		stored(entry) {
			if (!lasting) return entry.body as BodyInit;
			return stored.get(entry)?.body ?? keep(stored, entry, entry.body);
		},
		plain(entry) {
			const known = plain.get(entry);
			if (known) return known.body;
			const inflated = decoded(entry, maxEntryBytes);
			if (inflated instanceof Promise) return inflated.then((bytes) => keep(plain, entry, bytes));
			return keep(plain, entry, inflated);
		},
	};
}
