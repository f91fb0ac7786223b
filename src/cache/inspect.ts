import { createCensus } from "./census.ts";
import type { Clock } from "./clock.ts";
import type { Entry, EntryCodec } from "./entry.ts";
import { HEAD_BYTES, readHead } from "./entry-head.ts";
import type { EntryDetail, EntrySummary, Inspectable, UnreadableEntry } from "./inspection.ts";
import { stateOf } from "./lookup.ts";
import { isTaken, type Policy } from "./policy.ts";
import { timesOf } from "./served.ts";
import type { CacheStore, Coordination, Peeked } from "./store.ts";
import { allTags } from "./tags.ts";

export interface InspectorDeps {
	store: CacheStore;
	coordination: Coordination;
	codec: EntryCodec;
	/** Whether entries must be signed. */
	signed: boolean;
	policies: ReadonlyMap<string, Policy>;
	clock: Clock;
}

const MOST_A_PAGE = 1_000;
/** Longer than any entry. */
const WHOLE = Number.MAX_SAFE_INTEGER;

/** Looks into the store, aside from all that serves. */
export function createInspector(deps: InspectorDeps): Inspectable {
	const { coordination, codec, policies, signed, clock } = deps;
	const { inspection } = deps.store;
	const headOf = ({ head }: Peeked) => readHead(head, signed);
	const census = createCensus({ inspection, policies, policyOf: (peeked) => headOf(peeked)?.policy });

	function summaryOf(key: string, peeked: Peeked): EntrySummary {
		const head = headOf(peeked);
		const stored = { bytes: peeked.bytes, ...keptOf(peeked) };
		if (!head) return { key, ...stored };
		const { policy, storedAt, freshUntil } = head;
		const now = clock();
		const times = timesOf({ storedAt, freshUntil }, now < freshUntil ? "fresh" : "stale", now);
		return { key, policy, storedAt, ...times, ...stored };
	}

	/** A lookup would find it under this key. */
	function isAt(key: string, { policy, digest }: Entry): boolean {
		const prefix = prefixOf(key);
		const known = policies.get(policy);
		return (
			key === prefix + digest.slice(0, key.length - prefix.length) && (known?.prefix ?? prefix) === prefix
		);
	}

	async function detailOf(key: string, entry: Entry, peeked: Peeked): Promise<EntryDetail> {
		const { body: _body, digest: _digest, etag: _etag, tags, ...told } = entry;
		const names = Object.keys(tags);
		const must = allTags(prefixOf(key), names);
		const marks = await coordination.generations(must);
		const now = clock();
		const state = stateOf(entry, must, marks, now);
		const times = timesOf(entry, state === "fresh" ? "fresh" : "stale", now);
		return { key, state, ...told, tags: names, bytes: peeked.bytes, ...times, ...keptOf(peeked) };
	}

	return {
		async entries(prefix, { cursor, limit }) {
			if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_A_PAGE) {
				throw new RangeError(`A page of entries has a limit from 1 to ${MOST_A_PAGE}`);
			}
			if (!inspection) return { entries: [] };
			const listed = await inspection.list(prefix, { cursor, limit });
			const peeked = await inspection.peek(listed.keys, HEAD_BYTES);
			const entries = listed.keys.flatMap((key, index) => {
				const found = peeked[index];
				return found ? summaryOf(key, found) : [];
			});
			return { entries, ...(listed.cursor !== undefined && { cursor: listed.cursor }) };
		},
		async entry(key): Promise<EntryDetail | UnreadableEntry | undefined> {
			if (!inspection || isTaken(key)) return undefined;
			const [peeked] = await inspection.peek([key], WHOLE);
			if (!peeked) return undefined;
			const entry = codec.decode(key, peeked.head);
			if (entry && isAt(key, entry)) return detailOf(key, entry, peeked);
			return { key, unreadable: true, bytes: peeked.bytes, ...keptOf(peeked) };
		},
		census,
		usage: async () => (await inspection?.usage()) ?? { usedBytes: 0, evictions: 0, entries: 0 },
	};
}

/** That of its policy: all before the digest. */
function prefixOf(key: string): string {
	return key.slice(0, key.indexOf(":") + 1);
}

function keptOf({ remainingMs }: Peeked): { keptS?: number } {
	return remainingMs === undefined ? {} : { keptS: Math.ceil(remainingMs / 1000) };
}
