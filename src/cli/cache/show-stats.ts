import type { StatsBody } from "../../admin/describe-stats.ts";
import { facts, left, right, table } from "./table.ts";
import { byWord, duration, figure, milliseconds, share, size, total } from "./units.ts";

/** What happened since the start, as tables. */
export function showStats(stats: StatsBody): string {
	return [
		facts([
			["counted", `for ${ageOf(stats, stats.since)}, in ${instancesOf(stats)}`],
			["store", storeLine(stats)],
			["store calls", `p50 ${milliseconds(stats.store.p50_ms)}, p99 ${milliseconds(stats.store.p99_ms)}`],
			["census", censusLine(stats)],
		]),
		policyTable(stats),
		reasonTable(stats),
		instanceTable(stats),
	].join("\n\n");
}

export function storeLine({ store }: StatsBody): string {
	if (!store.reachable) return `${store.name}, does not answer`;
	const bound = store.max_bytes === null ? ", no bound" : ` of ${size(store.max_bytes)}`;
	return `${store.name}, ${size(store.used_bytes)}${bound}, ${figure(store.evictions)} evictions`;
}

export function instancesOf({ instances }: StatsBody): string {
	return instances.length === 1 ? "1 instance" : `${figure(instances.length)} instances`;
}

export function instanceTable(stats: StatsBody): string {
	const rows = stats.instances.map((one) => [
		one.id.slice(0, 8) + (one.asked ? " *" : ""),
		String(one.pid),
		one.host ?? "-",
		ageOf(stats, one.started_at),
		one.data_version === null ? "-" : String(one.data_version),
		one.warming ? "yes" : "no",
		one.store === null
			? "-"
			: !one.store.connected
				? "away"
				: one.store.breaker_open
					? "left alone"
					: "connected",
	]);
	const columns = [left("instance"), right("pid"), left("host"), right("runs for"), right("data version")];
	return table([...columns, left("warming"), left("store")], rows);
}

function policyTable({ policies }: StatsBody): string {
	const rows = Object.entries(policies).map(([name, of]) => [
		name,
		share(of.hit_ratio.last_minute),
		share(of.hit_ratio.last_15_minutes),
		share(of.hit_ratio.since_start),
		figure(of.hits),
		figure(of.stale),
		figure(total(of.misses)),
		figure(of.fills.count),
		milliseconds(of.fills.p50_ms),
		milliseconds(of.fills.p95_ms),
		duration(of.origin_seconds_saved),
		figure(of.entries),
		size(of.bytes),
	]);
	const figures = [
		"1 min",
		"15 min",
		"ever",
		"hits",
		"stale",
		"misses",
		"fills",
		"p50",
		"p95",
		"saved",
		"entries",
		"size",
	];
	return table([left("policy"), ...figures.map(right)], rows);
}

function reasonTable({ policies }: StatsBody): string {
	const rows = Object.entries(policies).map(([name, of]) => [
		name,
		byWord(of.misses),
		byWord(of.bypasses),
		byWord(of.refused),
	]);
	return table([left("policy"), left("misses"), left("bypasses"), left("not stored")], rows);
}

function censusLine(stats: StatsBody): string {
	const { census } = stats;
	if (!census) return "could not be taken";
	const found = `${figure(census.entries)} entries, ${size(census.bytes)}, ${ageOf(stats, census.as_of)} ago`;
	return census.complete ? found : `${found}; not all were counted in time`;
}

function ageOf({ as_of }: StatsBody, then: string): string {
	return duration(Math.max(0, (Date.parse(as_of) - Date.parse(then)) / 1000));
}
