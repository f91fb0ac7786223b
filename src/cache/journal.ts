import type { Clock } from "./clock.ts";
import type { CacheListener } from "./events.ts";
import { PurgePending, StoreUnavailable } from "./failure.ts";
import { forwarding, type StoreCall } from "./forward.ts";
import { createPurgeSet, type PurgeSet, type Purges } from "./purge-set.ts";
import type { CacheStore, Coordination } from "./store.ts";

export interface JournalOptions {
	clock: Clock;
	/** Tags and keys that are kept; more become one purge of everything. Default 1,000. */
	max?: number;
	/** Purges are made again on a new connection for this long, as it may lead to a server that missed them. Default 60,000. */
	keepRecentMs?: number;
	/** Milliseconds between attempts to make what is pending. Default 250. */
	retryMs?: number;
	/** Hears of pending purges when they have been made. */
	listener?: CacheListener | undefined;
}

export interface JournaledStore extends CacheStore {
	/** Tags and keys whose purge has not reached the store. */
	readonly pending: number;
	/** What others purged: made again, like our own, when the connection changes. */
	remember(purges: Purges): void;
	/**
	 * The connection was lost, or is there anew, perhaps to another server: nothing is read until what was purged lately
	 * has been purged again.
	 */
	reconnected(): void;
	/** Gives up on what is pending. */
	close(): void;
}

/** What would give, or keep, an answer that a pending purge is about. */
const REFUSED: ReadonlySet<StoreCall> = new Set([
	"get",
	"generations",
	"readTogether",
	"acquire",
	"set",
	"commit",
]);
/** Those of them that give something. */
const READS: ReadonlySet<StoreCall> = new Set(["get", "generations", "readTogether", "acquire"]);
/** Sent to the store at a time. */
const TAGS_AT_ONCE = 200;
const KEYS_AT_ONCE = 50;

/**
 * The same store, but no purge is lost: one that fails is kept and made again until it is done, and until then the
 * store is not read, so that nothing purged is served from here.
 *
 * @throws {PurgePending} from `invalidate` and `evict`
 * @throws {StoreUnavailable} `purges-pending`, from whatever reads or stores, at once
 */
export function journaled(store: CacheStore, options: JournalOptions): JournaledStore {
	const { clock, max = 1_000, keepRecentMs = 60_000, retryMs = 250, listener } = options;
	const recent = createPurgeSet(max);
	let waiting = createPurgeSet(max);
	/** Being made at the moment; what fails meanwhile must be made after it. */
	let underWay: PurgeSet | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let triedAt = Number.NEGATIVE_INFINITY;
	let closed = false;
	/** How often the connection was another one, while there was something to purge again. */
	let changes = 0;

	const pending = () => waiting.size + (underWay?.size ?? 0);

	function remember(purges: Purges): void {
		if (recent.size >= max) recent.dropBefore(clock() - keepRecentMs);
		recent.add(purges, clock());
	}

	/** Carries a purge out, or keeps it. */
	async function attempt<T>(purges: Purges, carryOut: () => Promise<T>): Promise<T> {
		try {
			const result = await carryOut();
			remember(purges);
			return result;
		} catch (error) {
			// Not a matter of the store: no attempt will ever succeed.
			if (error instanceof RangeError) throw error;
			remember(purges);
			waiting.add(purges, clock());
			retryLater();
			throw new PurgePending(pending(), { cause: error });
		}
	}

	function retryLater(): void {
		if (timer || closed || pending() === 0) return;
		timer = setTimeout(() => {
			timer = undefined;
			void replay();
		}, retryMs);
		timer.unref?.();
	}

	async function replay(): Promise<void> {
		if (underWay || closed || waiting.size === 0 || !store.coordination) return;
		triedAt = clock();
		underWay = waiting;
		waiting = createPurgeSet(max);
		try {
			await make(underWay, store.coordination);
		} catch {
			underWay.addAll(waiting);
			waiting = underWay;
		} finally {
			underWay = undefined;
			retryLater();
		}
	}

	async function make(purges: PurgeSet, shared: Coordination): Promise<void> {
		for (const tags of chunks(purges.tags("purge"), TAGS_AT_ONCE)) {
			await shared.invalidate(tags, "purge");
			purges.remove({ tags });
			listener?.({ type: "purged", tags, keys: 0 });
		}
		for (const tags of chunks(purges.tags("expire"), TAGS_AT_ONCE)) {
			await shared.invalidate(tags, "expire");
			purges.remove({ tags });
			listener?.({ type: "expired", tags, keys: 0 });
		}
		for (const keys of chunks(purges.keys(), KEYS_AT_ONCE)) {
			await Promise.all(keys.map((key) => shared.evict(key)));
			purges.remove({ keys });
			listener?.({ type: "purged", tags: [], keys: keys.length });
		}
	}

	function mustWait(): StoreUnavailable {
		return new StoreUnavailable(`${store.name}: ${pending()} purges are to be made first`, "purges-pending");
	}

	/** What a client sends on by itself to another server may be read there before the purges were made again. */
	async function read<T>(carryOut: () => T | Promise<T>): Promise<T> {
		const before = changes;
		const answer = await carryOut();
		if (changes !== before) throw mustWait();
		return answer;
	}

	const forwarded = forwarding(store, (call, carryOut) => {
		if (!REFUSED.has(call)) return Promise.resolve(carryOut());
		if (pending() === 0) return READS.has(call) ? read(carryOut) : Promise.resolve(carryOut());
		// Not only the timer tries: there are platforms where it does not outlive its request.
		if (clock() - triedAt >= retryMs / 10) void replay();
		return Promise.reject(mustWait());
	});
	const { coordination } = forwarded;

	return {
		...forwarded,
		...(coordination && {
			coordination: {
				...coordination,
				invalidate: (tags, how) =>
					attempt(how === "purge" ? { tags } : { expired: tags }, () => coordination.invalidate(tags, how)),
				evict: (key) => attempt({ keys: [key] }, () => coordination.evict(key)),
			},
		}),
		get pending() {
			return pending();
		},
		remember,
		reconnected() {
			recent.dropBefore(clock() - keepRecentMs);
			if (recent.size > 0) changes += 1;
			waiting.addAll(recent);
			void replay();
		},
		close() {
			closed = true;
			clearTimeout(timer);
			timer = undefined;
		},
	};
}

function chunks<T>(items: readonly T[], size: number): T[][] {
	const count = Math.ceil(items.length / size);
	return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
