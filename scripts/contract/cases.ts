/** `R`: shown on a real Redis. `P`: shown on two or more real processes. */
export type Mark = "R" | "P";

export interface ContractCase {
	readonly number: number;
	readonly title: string;
	readonly marks: readonly Mark[];
}

/** What the cache has to do, in short. The tests that show it begin their names with these numbers. */
const TITLES: readonly (readonly [title: string, ...marks: Mark[]])[] = [
	// Keys
	["the second of two equal GETs is answered from the cache, byte for byte"],
	["a query's values make the key, their order does not"],
	["bodies that mean the same share an entry, any real difference makes another"],
	["without a schema, a body that cannot be keyed goes past the cache intact"],
	["GET, HEAD and POST of one address never share a body"],
	["callers on a caller's route share nothing, nor does one before and after a new role"],
	["policies and tenants on one path stay apart, whatever their ids hold"],
	["key parts are unambiguous, bounded in length and checked against the entry"],
	["entries of another policy version or data schema are ignored"],
	// What may be stored, what is said about it
	["errors and other than storable statuses are not stored"],
	["an answer that sets a cookie is neither stored nor shared"],
	["Cache-Control of the handler forbids and shortens, and lengthens only where honoured"],
	["Vary decides what is stored and under which key"],
	["ranges, large answers and event streams are neither cut nor collapsed"],
	["clients are told a freshness that is counted once"],
	["Cache-Status says in RFC 9211's terms what happened"],
	["Vary names all that selects the answer"],
	["ETag, conditional requests and HEAD work as RFC 9110 has them"],
	["a client's no-cache counts for admins only; only-if-cached is 504 on a miss"],
	["bodies of any kind come back whole, compressed once for those who accept it"],
	["a stored entry begins with a line that people can read"],
	// One fill
	["a hundred cold requests in one process: one run of the handler"],
	["the same over a slow store: still one"],
	["three processes on one Redis: one run in total", "P", "R"],
	["a killed lease holder delays the others no longer than its lease; late writes are refused", "P", "R"],
	["failing fills are shared, and back off"],
	["a fill outlives the caller who began it"],
	["a handler past its time lets go those who wait, and its late answer is dropped"],
	["fills of other policies and stores are not shared; unstorable answers run by themselves"],
	// Stale
	["stale answers come at once, with one refresh behind them"],
	["a failed refresh leaves the last good copy until its time ends"],
	["a long failure on a stale key is limited by back-off"],
	["a refresh that answers 4xx drops the entry; directives that forbid stale are obeyed"],
	["hot entries are refreshed early and once; jitter only shortens"],
	// The store fails
	["a store that rejects never fails a request"],
	["a store that hangs costs one budget, then next to nothing, and memory stays flat", "R"],
	["caching resumes by itself after Redis was killed, or absent at the start", "R"],
	["error replies of Redis are misses, counted by cause", "R"],
	["damaged, foreign, forged and exploding entries are misses"],
	// Invalidation and tiers
	["purging by key, prefix and tag, expiring by tag, without blocking Redis"],
	["a tag's random generation decides; lost marks are misses and nothing stays for ever", "R"],
	["a purge reaches every process' memory within 100 ms, and fills under way", "P", "R"],
	["a purge survives a cut link, a dead Redis and a fail-over", "P", "R"],
	["memory keeps no entry longer than Redis would, within bounds of bytes and entries"],
	["Redis Cluster and Sentinel work, and tags cost a hit no second trip"],
	// Seeing
	["one union of typed events says what happens"],
	["explain says what the key is made of and what would happen"],
	["in development, reading what is not in the key throws"],
	["authentication comes before the cache, remembered for a bounded time"],
	["warming runs a list through the same path with bounded concurrency"],
];

export const CONTRACT: readonly ContractCase[] = TITLES.map(([title, ...marks], index) => ({
	number: index + 1,
	title,
	marks,
}));
