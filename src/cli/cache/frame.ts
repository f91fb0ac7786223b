import type { StatsBody } from "../../admin/describe-stats.ts";
import { instancesOf, instanceTable, storeLine } from "./show-stats.ts";
import { left, right, table } from "./table.ts";
import { figure, milliseconds, share, size, total } from "./units.ts";

type PolicyBody = StatsBody["policies"][string];

/** What is counted up, of one policy. */
interface Totals {
	hits: number;
	stale: number;
	misses: number;
	bypasses: number;
	fills: number;
}

/** One moment of the live view: rates are of the time since `before`, and unknown without it. */
export function frameOf(before: StatsBody | undefined, now: StatsBody): string {
	const seconds = before ? (Date.parse(now.as_of) - Date.parse(before.as_of)) / 1000 : 0;
	const rows = Object.entries(now.policies).map(([name, of]) =>
		policyRow(name, of, ratesOf(before?.policies[name], of, seconds)),
	);
	const figures = [
		"hit ratio",
		"1 min",
		"hits/s",
		"stale/s",
		"misses/s",
		"bypasses/s",
		"fills/s",
		"p50",
		"p95",
	];
	const { census } = now;
	const held = census ? `, ${figure(census.entries)} entries of ${size(census.bytes)}` : "";
	return [
		`${now.as_of.slice(11, 19)} UTC  ${instancesOf(now)}  store: ${storeLine(now)}${held}`,
		table([left("policy"), ...figures.map(right)], rows),
		instanceTable(now),
	].join("\n\n");
}

function policyRow(name: string, of: PolicyBody, rates: Totals | undefined): string[] {
	const rate = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(1));
	return [
		name,
		share(rates && ratioOf(rates)),
		share(of.hit_ratio.last_minute),
		rate(rates?.hits),
		rate(rates?.stale),
		rate(rates?.misses),
		rate(rates?.bypasses),
		rate(rates?.fills),
		milliseconds(of.fills.p50_ms),
		milliseconds(of.fills.p95_ms),
	];
}

/** A second. Instances that have left take their counts along: that is no rate below 0. */
function ratesOf(before: PolicyBody | undefined, now: PolicyBody, seconds: number): Totals | undefined {
	if (!before || seconds <= 0) return undefined;
	const [then, since] = [totalsOf(before), totalsOf(now)];
	const rate = (name: keyof Totals) => Math.max(0, since[name] - then[name]) / seconds;
	return {
		hits: rate("hits"),
		stale: rate("stale"),
		misses: rate("misses"),
		bypasses: rate("bypasses"),
		fills: rate("fills"),
	};
}

function totalsOf({ hits, stale, misses, bypasses, fills }: PolicyBody): Totals {
	return { hits, stale, misses: total(misses), bypasses: total(bypasses), fills: fills.count };
}

/** Null where nothing was asked. */
function ratioOf({ hits, stale, misses }: Totals): number | null {
	const asked = hits + stale + misses;
	return asked === 0 ? null : (hits + stale) / asked;
}
