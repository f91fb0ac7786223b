import type { CacheReport, PolicyReport } from "./cache-report.ts";
import { EMPTY_HISTOGRAM } from "./histogram.ts";

const NOTHING_ANSWERED = { served: 0, missed: 0 };
const NOTHING_REMOVED = { events: 0, tags: 0, keys: 0 };

const EMPTY_POLICY: PolicyReport = {
	hits: {},
	stale: {},
	misses: {},
	collapsed: 0,
	bypasses: {},
	refused: {},
	fills: {},
	fillTimes: EMPTY_HISTOGRAM,
	failedFills: 0,
	savedMs: 0,
	lastMinute: NOTHING_ANSWERED,
	last15Minutes: NOTHING_ANSWERED,
};

const EMPTY: Omit<CacheReport, "since"> = {
	instances: 0,
	policies: {},
	store: { calls: {}, breakers: {}, failures: {}, purged: NOTHING_REMOVED, expired: NOTHING_REMOVED },
};

/**
 * What happened in several instances together. An instance of another version may know more or less than this one: what
 * is missing counts as nothing, and what is of another kind is left out. Of no report at all it is one of 0 instances,
 * `since` the epoch.
 */
export function mergeReports(reports: readonly CacheReport[]): CacheReport {
	const { policies, ...sum } = reports.reduce<unknown>(add, EMPTY) as typeof EMPTY;
	const complete = Object.entries(policies).map(([name, policy]) => [name, add(EMPTY_POLICY, policy)]);
	const since = reports.reduce((earliest, report) => Math.min(earliest, report.since), Number.MAX_VALUE);
	return { ...sum, since: reports.length === 0 ? 0 : since, policies: Object.fromEntries(complete) };
}

/** Numbers are summed, members of objects each by itself. */
function add(one: unknown, other: unknown): unknown {
	if (typeof one === "number") return typeof other === "number" ? one + other : one;
	if (!isObject(one) || !isObject(other)) return one;
	const names = new Set([...Object.keys(one), ...Object.keys(other)]);
	const sums = [...names].map((name) => [name, addMember(one, other, name)]);
	return Object.fromEntries(sums);
}

function addMember(one: object, other: object, name: string): unknown {
	const [ours, theirs] = [memberOf(one, name), memberOf(other, name)];
	if (ours === undefined) return theirs;
	return theirs === undefined ? ours : add(ours, theirs);
}

function memberOf(of: object, name: string): unknown {
	return Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null;
}
