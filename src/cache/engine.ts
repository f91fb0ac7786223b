import type { Clock } from "./clock.ts";
import { decodeEntry, type Entry, encodeEntry } from "./entry.ts";
import type { CacheListener, MissReason } from "./events.ts";
import { freshness } from "./freshness.ts";
import type { CacheKey } from "./key.ts";
import { type Policy, type PolicyOptions, resolvePolicy } from "./policy.ts";
import type { CacheStore } from "./store.ts";
import { NOOP } from "./stores/noop.ts";

export interface CacheDeps {
	store: CacheStore;
	clock: Clock;
	/** Hears every event; must not throw. */
	listener?: CacheListener;
}

/** The generation of each tag that an answer depends on, as it was before its handler ran. */
export type Generations = Readonly<Record<string, string>>;

export type Lookup =
	| { outcome: "hit"; entry: Entry; ageS: number; ttlS: number }
	/** `generations` is absent when the store could not tell them: such an answer must not be stored. */
	| { outcome: "miss"; reason: MissReason; generations?: Generations };

export interface Answer {
	readonly status: number;
	readonly headers: readonly (readonly [string, string])[];
	readonly body: Uint8Array;
}

/** The cache without a web framework: look up, store, invalidate. Failures of the store are misses, never errors. */
export interface Cache {
	/** False when the store keeps nothing. */
	readonly enabled: boolean;
	/** Checks a policy and takes its name. @throws {TypeError} on nonsense, or a name that is taken. */
	register(options: PolicyOptions): Policy;
	lookup(policy: Policy, key: CacheKey, tags: readonly string[]): Promise<Lookup>;
	/** Stores behind the caller's back: returns at once. */
	save(policy: Policy, key: CacheKey, answer: Answer, generations: Generations): void;
	/** Voids every entry that carries one of the tags. @throws what the store threw: the caller must know. */
	invalidate(tags: readonly string[]): Promise<void>;
	/** Resolves when nothing is being written any more. */
	settled(): Promise<void>;
	readonly emit: CacheListener;
}

export function createCache({ store, clock, listener = () => {} }: CacheDeps): Cache {
	const names = new Set<string>();
	const writes = new Set<Promise<void>>();

	async function lookup(policy: Policy, key: CacheKey, tags: readonly string[]): Promise<Lookup> {
		let read: Awaited<ReturnType<typeof readBoth>>;
		try {
			read = await readBoth(key, tags);
		} catch (error) {
			listener({ type: "store-failed", operation: "read", store: store.name, error });
			return missed(policy, key, "store-failed");
		}
		const { hit, generations } = read;
		if (!hit) return missed(policy, key, "none", generations);
		const entry = decodeEntry(hit.value);
		if (entry?.digest !== key.digest || entry.policy !== policy.name) {
			return missed(policy, key, "unreadable", generations);
		}
		const now = clock();
		if (freshness(entry, now) !== "fresh") return missed(policy, key, "expired", generations);
		if (tags.some((tag) => entry.tags[tag] !== generations[tag])) {
			return missed(policy, key, "invalidated", generations);
		}
		const ttlS = Math.ceil((entry.freshUntil - now) / 1000);
		listener({ type: "hit", policy: policy.name, key: key.name, ttlS });
		return { outcome: "hit", entry, ttlS, ageS: Math.max(0, Math.floor((now - entry.storedAt) / 1000)) };
	}

	/** Both questions go out together, so that checking the tags costs no second trip. */
	async function readBoth(key: CacheKey, tags: readonly string[]) {
		const [hit, values] = await Promise.all([
			store.get(key.name),
			store.coordination?.generations(tags) ?? [],
		]);
		const generations: Generations = Object.fromEntries(tags.map((tag, index) => [tag, values[index] ?? ""]));
		return { hit, generations };
	}

	function missed(policy: Policy, key: CacheKey, reason: MissReason, generations?: Generations): Lookup {
		listener({ type: "miss", policy: policy.name, key: key.name, reason });
		return { outcome: "miss", reason, ...(generations && { generations }) };
	}

	function save(policy: Policy, key: CacheKey, answer: Answer, generations: Generations): void {
		const now = clock();
		const freshUntil = now + policy.ttl * 1000;
		const value = encodeEntry({
			...answer,
			policy: policy.name,
			digest: key.digest,
			storedAt: now,
			freshUntil,
			staleUntil: freshUntil,
			tags: generations,
		});
		const write = store
			.set(key.name, value, policy.ttl * 1000)
			.then(
				() =>
					listener({
						type: "stored",
						policy: policy.name,
						key: key.name,
						ttlS: policy.ttl,
						bytes: value.byteLength,
					}),
				(error: unknown) => listener({ type: "store-failed", operation: "write", store: store.name, error }),
			)
			.finally(() => writes.delete(write));
		writes.add(write);
	}

	return {
		enabled: store.name !== NOOP,
		register(options) {
			const policy = resolvePolicy(options);
			if (names.has(policy.name)) throw new TypeError(`There are two cache policies named "${policy.name}"`);
			names.add(policy.name);
			return policy;
		},
		lookup,
		save,
		async invalidate(tags) {
			try {
				await store.coordination?.invalidate(tags);
				listener({ type: "invalidated", tags });
			} catch (error) {
				listener({ type: "store-failed", operation: "invalidate", store: store.name, error });
				throw error;
			}
		},
		async settled() {
			while (writes.size > 0) await Promise.all(writes);
		},
		emit: listener,
	};
}
