import { type Bus, EVICTED_KEYS, EXPIRED_TAGS, PURGED_TAGS } from "./bus.ts";
import type { Clock } from "./clock.ts";
import { createMarkTable } from "./mark-table.ts";
import type { Awaitable, CacheStore, Coordination, StoreHit } from "./store.ts";

export interface TieredOptions {
	/** In the memory of this process: what it is asked for is done at once, and does not fail. */
	near: CacheStore;
	/** Shared by all instances, and `announced` on the bus, so that they hear of each other's purges. */
	far: CacheStore;
	/** Without one, what others purge is served for up to `maxAgeMs`. */
	bus?: Bus | undefined;
	clock: Clock;
	/** Nothing is believed for longer without asking `far`, should the bus be silent; milliseconds. Default 5,000. */
	maxAgeMs?: number;
}

/**
 * Two stores as one: what `far` gives is kept near for a while, and so are the marks of tags, so that a hit costs no
 * round trip. The bus says what must be forgotten; a gap in it forgets everything.
 */
export function tiered({ near, far, bus, clock, maxAgeMs = 5_000 }: TieredOptions): CacheStore {
	const marks = createMarkTable(clock, maxAgeMs);
	/** Counts whatever made something be forgotten: an answer that was asked for before may be out of date. */
	let forgettings = 0;
	let gaps = 0;

	// What was kept before a gap is under names that nobody asks for any more; it ends by its age.
	const nearKey = (key: string) => (gaps === 0 ? key : `${gaps} ${key}`);

	function forgetTags(tags: readonly string[]): void {
		forgettings += 1;
		marks.drop(tags);
	}

	async function forgetKey(key: string): Promise<boolean> {
		forgettings += 1;
		return near.delete(nearKey(key));
	}

	function forgetEverything(): void {
		forgettings += 1;
		gaps += 1;
		marks.clear();
	}

	/** Carries `ask` out and hands its result to `keep`, unless something was forgotten meanwhile. */
	async function remembering<T>(
		ask: () => Awaitable<T>,
		keep: (result: T, askedAt: number) => unknown,
	): Promise<T> {
		const before = forgettings;
		const askedAt = clock();
		const result = await ask();
		if (before === forgettings) await keep(result, askedAt);
		return result;
	}

	async function keepNear(
		key: string,
		{ value, remainingMs = maxAgeMs }: StoreHit,
		askedAt: number,
	): Promise<void> {
		// Below 0 should the clock be set back meanwhile, which must not lengthen anything.
		const tookMs = Math.max(0, clock() - askedAt);
		const ttlMs = Math.floor(Math.min(remainingMs, maxAgeMs) - tookMs);
		if (ttlMs > 0) await near.set(nearKey(key), value, ttlMs);
	}

	function keepHit(key: string, hit: StoreHit | undefined, askedAt: number): Promise<void> | undefined {
		return hit && keepNear(key, hit, askedAt);
	}

	bus?.on(PURGED_TAGS, forgetTags);
	bus?.on(EXPIRED_TAGS, forgetTags);
	bus?.on(EVICTED_KEYS, (keys) => {
		for (const key of keys) void forgetKey(key);
	});
	bus?.onGap(forgetEverything);

	const { coordination, inspection } = far;
	return {
		name: "tiered",
		get(key) {
			const known = near.get(nearKey(key));
			if (known instanceof Promise) return known.then((hit) => nearHit(hit) ?? getFar(key));
			return nearHit(known) ?? getFar(key);
		},
		async set(key, value, ttlMs) {
			// What is near now is outdated, whatever comes of it.
			await forgetKey(key);
			await remembering(
				() => far.set(key, value, ttlMs),
				(_, askedAt) => keepNear(key, { value, remainingMs: ttlMs }, askedAt),
			);
		},
		delete: (key) => forgettingKey(key, () => far.delete(key)),
		...(coordination && { coordination: tieredCoordination(coordination) }),
		// What is near is near only for a moment, and far as well.
		...(inspection && { inspection }),
	};

	function nearHit(hit: StoreHit | undefined): StoreHit | undefined {
		return hit && { ...hit, tier: near.name };
	}

	async function getFar(key: string): Promise<StoreHit | undefined> {
		const hit = await remembering(
			() => far.get(key),
			(found, askedAt) => keepHit(key, found, askedAt),
		);
		return hit && { ...hit, tier: hit.tier ?? far.name };
	}

	/** Before and after: what was read in between may be what was there before. */
	async function forgettingKey(key: string, remove: () => Promise<boolean>): Promise<boolean> {
		const wasNear = await forgetKey(key);
		try {
			return (await remove()) || wasNear;
		} finally {
			await forgetKey(key);
		}
	}

	function tieredCoordination({ readTogether: _, ...shared }: Coordination): Coordination {
		return {
			...shared,
			generations: (tags) =>
				marks.all(tags) ??
				remembering(
					() => shared.generations(tags),
					(found, askedAt) => marks.keep(tags, found, askedAt),
				),
			async invalidate(tags, how) {
				forgetTags(tags);
				try {
					await shared.invalidate(tags, how);
				} finally {
					forgetTags(tags);
				}
			},
			evict: (key) => forgettingKey(key, () => shared.evict(key)),
			async acquire(key, token, leaseMs) {
				const claim = await remembering(
					() => shared.acquire(key, token, leaseMs),
					(made, askedAt) => made.state === "won" && keepHit(key, made.hit, askedAt),
				);
				if (claim.state !== "won" || !claim.hit) return claim;
				return { ...claim, hit: { ...claim.hit, tier: claim.hit.tier ?? far.name } };
			},
			async commit(key, value, ttlMs, held) {
				const outcome = await remembering(
					() => shared.commit(key, value, ttlMs, held),
					(made, askedAt) => made === "stored" && keepNear(key, { value, remainingMs: ttlMs }, askedAt),
				);
				// A mark was not what we took it for.
				if (outcome === "invalidated") forgetTags(Object.keys(held.generations));
				return outcome;
			},
		};
	}
}
