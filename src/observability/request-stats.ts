import { createHistogram, type Histogram, type HistogramSnapshot } from "./histogram.ts";

/** Hears of every request that was answered. Must not throw. `route` is a pattern of ours, never what a caller wrote. */
export type RequestObserver = (route: string, method: string, status: number, ms: number) => void;

export interface RequestSeries {
	readonly route: string;
	readonly method: string;
	readonly status: string;
	readonly count: number;
}

export interface RequestReport {
	readonly series: readonly RequestSeries[];
	/** How long requests took, by route. */
	readonly times: Readonly<Record<string, HistogramSnapshot>>;
}

export interface RequestStats {
	readonly observe: RequestObserver;
	report(): RequestReport;
}

/** However wrong something is, no caller can make us keep more than so many counts. */
const MAX_SERIES = 300;
const OTHER = "other";
/** A caller may write any word for a method. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const UNMATCHED = "unmatched";

interface RouteStats {
	readonly times: Histogram;
	readonly counts: Map<string, Map<number, { count: number }>>;
}

/**
 * Counts answered requests. Once there are 300 different ones, all that is new is counted as `other`, by the first
 * digit of its status.
 */
export function createRequestStats(): RequestStats {
	const routes = new Map<string, RouteStats>();
	const overflow = new Map<string, number>();
	const overflowTimes = createHistogram();
	let series = 0;

	/** Where to count; undefined where there is no more room. */
	function cellOf(route: string, method: string, status: number): { count: number } | undefined {
		const known = routes.get(route)?.counts.get(method)?.get(status);
		if (known || series >= MAX_SERIES) return known;
		series += 1;
		const cell = { count: 0 };
		const stats = routes.get(route) ?? { times: createHistogram(), counts: new Map() };
		routes.set(route, stats);
		const statuses = stats.counts.get(method) ?? new Map<number, { count: number }>();
		stats.counts.set(method, statuses.set(status, cell));
		return cell;
	}

	return {
		observe(pattern, method, status, ms) {
			const route = patternOrUnmatched(pattern);
			const cell = cellOf(route, METHODS.has(method) ? method : OTHER, status);
			if (cell) {
				cell.count += 1;
				routes.get(route)?.times.observe(ms);
				return;
			}
			const digit = `${Math.floor(status / 100)}xx`;
			overflow.set(digit, (overflow.get(digit) ?? 0) + 1);
			overflowTimes.observe(ms);
		},
		report() {
			const counted = [...routes].flatMap(([route, { counts }]) =>
				[...counts].flatMap(([method, statuses]) =>
					[...statuses].map(([status, { count }]) => ({ route, method, status: String(status), count })),
				),
			);
			const others = [...overflow].map(([status, count]) => ({ route: OTHER, method: OTHER, status, count }));
			const times = [...routes].map(([route, stats]) => [route, stats.times.snapshot()] as const);
			return {
				series: [...counted, ...others],
				times: Object.fromEntries(
					others.length === 0 ? times : [...times, [OTHER, overflowTimes.snapshot()] as const],
				),
			};
		},
	};
}

/** What ends with a star belongs to what is around all routes, so none of them was meant. */
function patternOrUnmatched(pattern: string): string {
	return pattern === "" || pattern.endsWith("*") ? UNMATCHED : pattern;
}
