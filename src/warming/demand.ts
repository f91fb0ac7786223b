import type { PopularityCounter } from "../cache/index.ts";
import { createPause } from "../lib/pause.ts";
import type { CheckedRequest } from "../valuation/request.ts";

/** Which valuations are asked for most, by the callers of all instances. */
export interface Demand {
	/** Notes that somebody asked for it, on a day in Dubai. */
	asked(request: CheckedRequest, today: string): void;
	/** Bodies of requests, those asked for most first. Empty where that cannot be told now. */
	top(count: number): Promise<string[]>;
	/** Hands on what was noted since the last time. */
	flush(): Promise<void>;
	stop(): Promise<void>;
}

export interface DemandDeps {
	counter: PopularityCounter;
	/** @default 10 seconds */
	flushEveryMs?: number;
}

/** Different requests noted between two flushes: what comes after is hardly among those asked for most. */
const MOST_NOTED = 20_000;
/** From here on one in so many is noted, and counts for them all: writing a request down costs more than finding its answer. */
const ALL_UP_TO = 1_000;
const THEN_ONE_IN = 8;
/** What cannot be told soon is not worth waiting for. */
const TOP_WITHIN_MS = 2_000;

export function createDemand({ counter, flushEveryMs = 10_000 }: DemandDeps): Demand {
	let noted = new Map<string, number>();
	let seen = 0;

	async function flush(): Promise<void> {
		const counts = noted;
		noted = new Map();
		seen = 0;
		if (counts.size === 0) return;
		// Lost where the counter is out of reach: it is no matter which valuations exactly are worked out early.
		await counter.add(counts).catch(() => {});
	}

	const timer = setInterval(() => void flush(), flushEveryMs);
	timer.unref?.();

	return {
		asked(request, today) {
			seen += 1;
			if (seen > ALL_UP_TO && seen % THEN_ONE_IN !== 0) return;
			const body = bodyOf(request, today);
			const count = noted.get(body);
			if (count === undefined && noted.size >= MOST_NOTED) return;
			noted.set(body, (count ?? 0) + (seen > ALL_UP_TO ? THEN_ONE_IN : 1));
		},
		async top(count) {
			const patience = createPause();
			const late = patience.wait(TOP_WITHIN_MS).then(() => []);
			try {
				return await Promise.race([counter.top(count).catch(() => []), late]);
			} finally {
				patience.end();
			}
		},
		flush,
		async stop() {
			clearInterval(timer);
			await flush();
		},
	};
}

/** What is asked as of today means tomorrow's today tomorrow. */
function bodyOf({ as_of, ...request }: CheckedRequest, today: string): string {
	return JSON.stringify(as_of == null || as_of === today ? request : { ...request, as_of });
}
