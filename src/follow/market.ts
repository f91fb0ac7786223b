import type { DatabaseHandle } from "../../db/client.ts";
import {
	changesSince,
	type MarketChange,
	type MarketHead,
	marketHead,
} from "../../db/queries/market-changes.ts";
import type { DirectoryKeeper } from "../areas/directory.ts";
import type { Cache, CacheStore } from "../cache/index.ts";
import type { Logger } from "../lib/logger.ts";
import { type Follower, follow } from "./follow.ts";
import { createForgetter, type Outdated, outdatedBy } from "./outdated.ts";
import { storeMark } from "./store-mark.ts";

export interface FollowDeps {
	/** Its connections must be the database's own: a pooler between would take what is announced for itself. */
	database: DatabaseHandle;
	cache: Cache;
	/** That of the cache: it remembers up to where its entries are purged, also while no server runs. */
	store: CacheStore;
	logger: Logger;
	/** Milliseconds between attempts at what failed. @default 1000 */
	retryMs?: number | undefined;
	/** @default 5000 */
	lookEveryMs?: number | undefined;
}

export interface FollowMarketDeps extends FollowDeps {
	directory: DirectoryKeeper;
	/** Called when what changed is forgotten. */
	onChanged?(changes: readonly MarketChange[]): void;
}

/** A full store drops first what was not touched for long. */
const NOTED_AGAIN_MS = 60_000;
const NOTHING: Outdated = { everything: false, tags: [] };
const EVERYTHING: Outdated = { everything: true, tags: [] };

/**
 * Hears of every change of the market, whoever made it, and forgets the answers that it outdates. What was missed is made
 * up for by comparing versions: while the connection was down with the version seen last, and while no server ran with
 * the one that the store was purged up to.
 */
export function followMarket(deps: FollowMarketDeps): Follower {
	const { database, cache, store, directory, logger } = deps;
	const { db } = database;
	const forgetter = createForgetter(deps);
	const purgedThrough = storeMark(store, "purged-through");
	let seen: MarketHead | undefined;
	/** What the store says, and since when. */
	let noted = { text: "", at: 0 };

	/** The first time: what the store holds may be older than we are. */
	async function begin(head: MarketHead): Promise<void> {
		await directory.refresh();
		const text = await purgedThrough.read();
		const before = text === undefined ? undefined : parseHead(text);
		await forgetter.forget(before ? ofChanges(await missed(before, head)) : EVERYTHING);
		seen = head;
	}

	async function missed(since: Pick<MarketHead, "epoch" | "version">, head: MarketHead) {
		const isKnown =
			since.epoch === head.epoch && since.version >= head.clearedVersion && since.version <= head.version;
		return isKnown ? changesSince(db, since) : undefined;
	}

	return follow({
		...deps,
		channel: "retyn_market",
		what: "The market",
		async catchUp() {
			const head = await marketHead(db);
			if (!seen) {
				await begin(head);
			} else if (head.version !== seen.version || head.epoch !== seen.epoch) {
				const changes = await missed(seen, head);
				// Names first: what is worked out anew is worked out by them.
				await directory.refresh();
				await forgetter.forget(ofChanges(changes));
				seen = { ...head, version: changes?.at(-1)?.version ?? head.version };
				tell(changes);
				deps.onChanged?.(changes ?? []);
			}
			await note();
		},
	});

	/** How far the store is purged, once it is; where it cannot take that now, the next look tries again. */
	async function note(): Promise<void> {
		if (!seen || !(await forgetter.forget(NOTHING))) return;
		const text = `${seen.epoch} ${seen.version}`;
		if (text === noted.text && cache.clock() - noted.at < NOTED_AGAIN_MS) return;
		try {
			await purgedThrough.write(text);
			noted = { text, at: cache.clock() };
		} catch {
			// The cache tells of a store that fails.
		}
	}

	function tell(changes: readonly MarketChange[] | undefined): void {
		if (!changes) {
			logger.warn({}, "The database is another one, or of before; everything is forgotten");
			return;
		}
		const areas = new Set(changes.flatMap(({ areaIds }) => areaIds)).size;
		const version = changes.at(-1)?.version;
		logger.info({ version, areas, views: changes.every(({ ofViews }) => ofViews) }, "Market changed");
	}
}

/** Undefined where nobody knows what changed. */
function ofChanges(changes: readonly MarketChange[] | undefined): Outdated {
	return changes ? outdatedBy(changes) : EVERYTHING;
}

function parseHead(text: string): Pick<MarketHead, "epoch" | "version"> | undefined {
	const [, epoch, version] = /^(\S+) (\d+)$/.exec(text) ?? [];
	return epoch === undefined ? undefined : { epoch, version: Number(version) };
}
