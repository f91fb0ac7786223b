import { createHash } from "node:crypto";
import type { CacheStore, StoreHit } from "../store.ts";

/** As much of a `Cache` of the platform as the store uses: one of `caches.open(name)`, which no client's address reaches. */
export interface PlatformCache {
	match(address: string): Promise<Response | undefined>;
	put(address: string, response: Response): Promise<void>;
	delete(address: string): Promise<boolean>;
}

export interface CacheApiStoreOptions {
	/** Opened when it is first asked for: there may be none outside of a request. */
	cache(): Promise<PlatformCache>;
	/** One text for the state of all that answers are made of, without a slash: another one voids every entry. */
	version(): Promise<string>;
	/** Milliseconds after which an entry is gone, whatever its own time: nothing else ends what no version tells of. Default 300,000. */
	maxTtlMs?: number | undefined;
	/** Called for each purge, with what cannot be done. It throws. */
	refusePurge(): never;
}

/** Of no zone: what is kept is never the answer to a request that somebody could send. */
const HOST = "https://entries.cache.invalid/";
/** The platform counts in seconds. */
const LEAST_TTL_MS = 1_000;

/**
 * Keeps entries where the platform does, in each data centre for itself (the Cache API of a worker). No purge reaches all of
 * these, so every tag's mark is the version of all data: what was stored under another version is never given. Nobody is
 * told who fills what, so each of those who miss at once runs the handler.
 */
export function createCacheApiStore(options: CacheApiStoreOptions): CacheStore {
	const { cache, version, maxTtlMs = 300_000, refusePurge } = options;

	async function get(key: string): Promise<StoreHit | undefined> {
		const response = await (await cache()).match(addressOf(key));
		return response && { value: new Uint8Array(await response.arrayBuffer()) };
	}

	async function set(key: string, value: Uint8Array, ttlMs: number): Promise<void> {
		const keptMs = Math.min(ttlMs, maxTtlMs);
		if (keptMs < LEAST_TTL_MS) return;
		const headers = {
			"Cache-Control": `public, max-age=${Math.floor(keptMs / 1000)}`,
			"Content-Type": "application/octet-stream",
		};
		await (await cache()).put(addressOf(key), new Response(value as Uint8Array<ArrayBuffer>, { headers }));
	}

	async function remove(key: string): Promise<boolean> {
		return (await cache()).delete(addressOf(key));
	}

	return {
		name: "cache-api",
		get,
		set,
		delete: remove,
		coordination: {
			async generations(tags) {
				const mark = `${await version()}/`;
				return tags.map(() => mark);
			},
			invalidate: async () => refusePurge(),
			evict: remove,
			async acquire(key) {
				const hit = await get(key);
				return { state: "won", ...(hit && { hit }) };
			},
			/** An entry that is outdated by now says so itself: it carries the version from before its handler ran. */
			async commit(key, value, ttlMs) {
				await set(key, value, ttlMs);
				return "stored";
			},
			release: async () => {},
		},
	};
}

/** Hashed, so that no key can be read or made up from an address. */
function addressOf(key: string): string {
	return HOST + createHash("sha256").update(key).digest("hex");
}
