import type { Redis } from "ioredis";
import { FAILURE_MEMORY_MS } from "../coordination/leases.ts";
import type { Claim, CommitOutcome, Coordination, Held } from "../store.ts";
import { expiredMark, newMark } from "../tags.ts";
import type { BatchedReads } from "./redis-batch.ts";
import { entryKey, leaseKey, MARK_TTL_MS, sameBytes, tagKey } from "./redis-keys.ts";
import { redisScripts } from "./redis-scripts.ts";

/** Gives a tag its first mark. Of several that do so together, the first one's counts for all. */
export async function createMark(client: Redis, tag: string): Promise<string> {
	const created = newMark();
	const earlier = await client.set(tagKey(tag), created, "PX", MARK_TTL_MS, "NX", "GET");
	return earlier ?? created;
}

/** The capability among all processes that share one Redis. */
export function redisCoordination(client: Redis, isCluster: boolean, reads: BatchedReads): Coordination {
	const scripts = redisScripts(client);

	async function markOf(tag: string): Promise<string> {
		const known = await reads.value(tagKey(tag));
		return known ? known.toString() : createMark(client, tag);
	}

	function purge(tag: string): Promise<unknown> {
		return client.set(tagKey(tag), newMark(), "PX", MARK_TTL_MS);
	}

	function expire(tag: string): Promise<unknown> {
		// Without a generation, a mark's end is what is put behind the one that Redis has.
		return scripts.expire([tagKey(tag)], [expiredMark(""), newMark(), MARK_TTL_MS]);
	}

	async function commitOnServer(
		key: string,
		value: Buffer,
		ttlMs: number,
		held: Held,
	): Promise<CommitOutcome> {
		const tags = Object.keys(held.generations);
		const keys = [leaseKey(key), entryKey(key), ...tags.map(tagKey)];
		const captured = Object.values(held.generations);
		const outcome = await scripts.commit(keys, [held.token, value, ttlMs, MARK_TTL_MS, ...captured]);
		return String(outcome) as CommitOutcome;
	}

	/**
	 * A script sees one slot of a cluster, and the marks lie in others. So they are compared just before; should a tag be
	 * invalidated between the two, the entry carries an outdated mark and is told by it whenever it is read.
	 */
	async function commitOnCluster(
		key: string,
		value: Buffer,
		ttlMs: number,
		held: Held,
	): Promise<CommitOutcome> {
		const marks = Object.entries(held.generations).map(async ([tag, captured]) => {
			return (await client.getex(tagKey(tag), "PX", MARK_TTL_MS)) === captured;
		});
		if ((await Promise.all(marks)).every(Boolean)) {
			return commitOnServer(key, value, ttlMs, { token: held.token, generations: {} });
		}
		const wasOurs = await scripts.release([leaseKey(key)], [held.token]);
		return wasOurs === 1 ? "invalidated" : "lease-lost";
	}

	return {
		generations: (tags) => Promise.all(tags.map(markOf)),
		async invalidate(tags, how) {
			await Promise.all(tags.map(how === "purge" ? purge : expire));
		},
		async evict(key) {
			return (await scripts.evict([leaseKey(key), entryKey(key)], [])) === 1;
		},
		async acquire(key, token, leaseMs) {
			const keys = [leaseKey(key), entryKey(key)];
			return claimFrom(await scripts.acquire(keys, [token, leaseMs, FAILURE_MEMORY_MS]));
		},
		async commit(key, value, ttlMs, held) {
			const bytes = sameBytes(value);
			return isCluster ? commitOnCluster(key, bytes, ttlMs, held) : commitOnServer(key, bytes, ttlMs, held);
		},
		async release(key, token, failure) {
			const left = failure
				? [`!${failure.failures}:${failure.status}`, Math.ceil(failure.retryInMs) + FAILURE_MEMORY_MS]
				: [];
			await scripts.release([leaseKey(key)], [token, ...left]);
		},
	};
}

function claimFrom(reply: unknown): Claim {
	const [state, first, second, third] = reply as [Buffer, number, number, number | Buffer | null];
	switch (state.toString()) {
		case "held":
			return { state: "held", remainingMs: Math.max(0, first) };
		case "failing":
			return { state: "failing", retryInMs: first, failures: second, status: Number(third) };
		default: {
			const hit = Buffer.isBuffer(third) && {
				hit: { value: third, ...(second > 0 && { remainingMs: second }) },
			};
			return { state: "won", ...hit, ...(first > 0 && { failures: first }) };
		}
	}
}
