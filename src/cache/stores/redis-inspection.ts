import type { Cluster, Redis } from "ioredis";
import { failureCause, StoreUnavailable } from "../failure.ts";
import { isTaken } from "../policy.ts";
import type { Inspection, Listed, Peeked, StoreUsage } from "../store.ts";
import { entryKey, entryName } from "./redis-keys.ts";

/** A page ends with what it has after so many steps, and one with anything in it after so many milliseconds: well below any deadline. */
const MOST_STEPS = 20;
const LONGEST_PAGE_MS = 15;
/** Keys that Redis looks at in one step, for which it keeps everybody else waiting. */
const MOST_KEYS_A_STEP = 1_000;
const BIGGEST_CURSOR = 2n ** 64n - 1n;

/** A server to go through, one after the other on a cluster. */
interface Node {
	/** `host:port` on a cluster, else empty. */
	readonly name: string;
	readonly client: Redis;
}

/** Where the next step begins. */
interface Place {
	readonly node: Node;
	readonly scanned: string;
}

/** Looks at entries by SCAN, which blocks nobody and on a cluster goes from master to master. */
export function redisInspection(client: Redis | Cluster): Inspection {
	/** In one order, so that a cursor stays good while nodes come and go. @throws {StoreUnavailable} */
	function nodes(): Node[] {
		if (!isCluster(client)) return [{ name: "", client }];
		const masters = client.nodes("master");
		if (masters.length === 0)
			throw new StoreUnavailable("Redis: no node of the cluster is known", "connection");
		return masters
			.map((node) => ({ name: `${node.options.host}:${node.options.port}`, client: node }))
			.sort((one, other) => (one.name < other.name ? -1 : 1));
	}

	/** Undefined at the end, and for a text that is no cursor. */
	function placeAt(cursor: string | undefined): Place | undefined {
		const all = nodes();
		if (cursor === undefined) return all[0] && { node: all[0], scanned: "0" };
		const [, name = "", scanned] = /^([^/]*)\/(\d{1,20})$/.exec(cursor) ?? [];
		if (scanned === undefined || BigInt(scanned) > BIGGEST_CURSOR) return undefined;
		const node = all.find((one) => one.name >= name);
		// A node that has left took its keys elsewhere: the next one is gone through from its beginning.
		return node && { node, scanned: node.name === name ? scanned : "0" };
	}

	function placeAfter({ node }: Place, scanned: string): Place | undefined {
		if (scanned !== "0") return { node, scanned };
		const next = nodes().find(({ name }) => name > node.name);
		return next && { node: next, scanned: "0" };
	}

	async function list(prefix: string, from: string | undefined, limit: number): Promise<Listed> {
		const pattern = `${entryKey(prefix).replace(/[\\*?[\]]/g, "\\$&")}*`;
		const names = new Set<string>();
		const begun = performance.now();
		let count = Math.min(limit, MOST_KEYS_A_STEP);
		let place = placeAt(from);
		for (let step = 0; place && names.size < limit && step < MOST_STEPS; step += 1) {
			const { node, scanned } = place;
			const [next, keys] = await node.client.scan(
				scanned,
				"MATCH",
				pattern,
				"COUNT",
				count,
				"TYPE",
				"string",
			);
			for (const key of keys) {
				const name = isTaken(key) ? undefined : entryName(key);
				if (name !== undefined) names.add(name);
			}
			place = placeAfter(place, next);
			// Where little is found, much must be looked at; then it is not likely that very much is found at once.
			if (names.size < limit / 2) count = Math.min(count * 2, MOST_KEYS_A_STEP);
			if (names.size > 0 && performance.now() - begun > LONGEST_PAGE_MS) break;
		}
		return { keys: [...names], ...(place && { cursor: `${place.node.name}/${place.scanned}` }) };
	}

	async function usage(): Promise<StoreUsage> {
		const each = await Promise.all(nodes().map(({ client }) => usageOf(client)));
		const sum = (of: (one: ServerUsage) => number) => each.reduce((total, one) => total + of(one), 0);
		return {
			usedBytes: sum(({ usedBytes }) => usedBytes),
			...(each.every(({ maxBytes }) => maxBytes > 0) && { maxBytes: sum(({ maxBytes }) => maxBytes) }),
			evictions: sum(({ evictions }) => evictions),
			entries: sum(({ entries }) => entries),
		};
	}

	return {
		list: async (prefix, { cursor, limit }) => (isTaken(prefix) ? { keys: [] } : list(prefix, cursor, limit)),
		async peek(names, headBytes) {
			const keys = names.map(entryKey);
			return isCluster(client)
				? peekOnCluster(client, keys, headBytes)
				: peekOnServer(client, keys, headBytes);
		},
		usage,
	};
}

function isCluster(client: Redis | Cluster): client is Cluster {
	return client.isCluster;
}

type Answers = readonly [bytes: number, head: Uint8Array, remainingMs: number];

/** One pipeline, which costs a quarter of what as many commands do. */
async function peekOnServer(
	client: Redis,
	keys: readonly string[],
	headBytes: number,
): Promise<(Peeked | undefined)[]> {
	const pipeline = client.pipeline();
	for (const key of keys)
		pipeline
			.strlen(key)
			.getrangeBuffer(key, 0, headBytes - 1)
			.pttl(key);
	const replies = (await pipeline.exec()) ?? [];
	return keys.map((_, index) => {
		const ours = replies.slice(index * 3, index * 3 + 3);
		const failure = ours.find(([error]) => error)?.[0];
		return peekedFrom(failure ?? (ours.map(([, reply]) => reply) as unknown as Answers));
	});
}

/** A pipeline goes to one node of a cluster: here each question finds its own. */
function peekOnCluster(
	client: Cluster,
	keys: readonly string[],
	headBytes: number,
): Promise<(Peeked | undefined)[]> {
	const asked = keys.map((key) =>
		Promise.all([client.strlen(key), client.getrangeBuffer(key, 0, headBytes - 1), client.pttl(key)]),
	);
	return Promise.all(asked.map((replies) => replies.then(peekedFrom, peekedFrom)));
}

/** @throws what Redis said, except for a key that holds something else than bytes: no entry is there. */
function peekedFrom(replies: Error | Answers): Peeked | undefined {
	if (replies instanceof Error) {
		if (failureCause(replies) === "wrong-type") return undefined;
		throw replies;
	}
	const [bytes, head, remainingMs] = replies;
	// It may have run out between the questions: the last one counts.
	if (remainingMs === -2) return undefined;
	return { bytes, head, ...(remainingMs >= 0 && { remainingMs }) };
}

/** `maxBytes` is 0 for a server without a bound. */
type ServerUsage = Required<StoreUsage>;

async function usageOf(client: Redis): Promise<ServerUsage> {
	const [info, entries] = await Promise.all([client.info("memory", "stats"), client.dbsize()]);
	const numberAt = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
	return {
		usedBytes: numberAt("used_memory"),
		maxBytes: numberAt("maxmemory"),
		evictions: numberAt("evicted_keys"),
		entries,
	};
}
