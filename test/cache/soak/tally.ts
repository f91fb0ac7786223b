import { parseList } from "structured-headers";

export type Outcome = "hit" | "stale" | "miss" | "failed";

/** What is counted while the soak runs. */
export class Tally {
	readonly outcomes: Record<Outcome, number>[];
	readonly purges = { done: 0, pending: 0, expired: 0 };
	readonly faults: { readonly name: string; readonly from: number; to: number }[] = [];
	readonly longest = new Map<string, { ms: number; requests: number }>();
	readonly breaches: string[] = [];

	constructor(instances: number) {
		this.outcomes = Array.from({ length: instances }, () => ({ hit: 0, stale: 0, miss: 0, failed: 0 }));
	}

	get requests(): number {
		return this.outcomes.reduce((sum, one) => sum + one.hit + one.stale + one.miss + one.failed, 0);
	}

	answered(instance: number, outcome: Outcome, phase: string, tookMs: number): void {
		const counts = this.outcomes[instance];
		if (counts) counts[outcome] += 1;
		const { ms, requests } = this.longest.get(phase) ?? { ms: 0, requests: 0 };
		this.longest.set(phase, { ms: Math.max(ms, tookMs), requests: requests + 1 });
	}
}

/** What an answer's `Cache-Status` says about how it came about. */
export function cacheStatus(response: Response): { outcome: Outcome; ttlS?: number; storeFailed: boolean } {
	const [first] = parseList(response.headers.get("Cache-Status") ?? "");
	const parameters = first?.[1] ?? new Map();
	const ttl = parameters.get("ttl");
	const ttlS = typeof ttl === "number" ? { ttlS: ttl } : {};
	// RFC 9211, section 2.2: `miss` is for a cache that could not look.
	const storeFailed =
		response.headers.has("X-Store-Failed") ||
		String(parameters.get("fwd")) === "miss" ||
		String(parameters.get("detail")) === "store-failed";
	if (response.status !== 200) return { outcome: "failed", storeFailed };
	if (parameters.get("hit") === true)
		return { outcome: (ttlS.ttlS ?? 0) < 0 ? "stale" : "hit", ...ttlS, storeFailed };
	return {
		outcome: String(parameters.get("fwd")) === "stale" && !parameters.has("stored") ? "stale" : "miss",
		storeFailed,
	};
}
