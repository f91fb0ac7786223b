/** A tag that nobody stores anything under fades away, as entries do; longer than any entry lives. */
export const MARK_TTL_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * An entry's key as Redis sees it. The cache's own keys stay as they are; in others braces are written out, because
 * what stands between them would decide alone which slot of a cluster the key belongs to (Redis Cluster, hash tags).
 */
export function entryKey(key: string): string {
	return key.replace(/[%{}]/g, encodeURIComponent);
}

/** The name of the entry under a key of Redis; undefined for keys that no name of an entry gives. */
export function entryName(key: string): string | undefined {
	const name = key.replace(/%(?:25|7B|7D)/g, decodeURIComponent);
	return entryKey(name) === key ? name : undefined;
}

/** Lies in the slot of its entry, so that one script may change both. */
export function leaseKey(key: string): string {
	return `lease:{${entryKey(key)}}`;
}

export function tagKey(tag: string): string {
	return `tag:${tag}`;
}

/** As the client takes them; not a copy. */
export function sameBytes(value: Uint8Array): Buffer {
	return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
