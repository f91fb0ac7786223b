import type { Clock } from "./clock.ts";

/** What is asked for most. Old counts weigh less and less, so that what was in demand once does not stay on top. */
export interface PopularityCounter {
	/** Adds to the counts. Texts longer than 512 characters are left out, and so are counts that are not above 0. */
	add(counts: ReadonlyMap<string, number>): Promise<void>;
	/** Those counted most, the first first. */
	top(count: number): Promise<string[]>;
}

export interface PopularityOptions {
	/** Milliseconds after which a count weighs half. Default 6 hours. */
	halfLifeMs?: number;
	/** Texts that are kept; those counted least are forgotten first. Default 5,000. */
	keep?: number;
}

const DEFAULT_HALF_LIFE_MS = 6 * 60 * 60 * 1000;
const DEFAULT_KEEP = 5_000;
const MOST_CHARACTERS = 512;

/** The options with their defaults. @throws {TypeError} on nonsense */
export function resolvePopularity(options: PopularityOptions): Required<PopularityOptions> {
	const { halfLifeMs = DEFAULT_HALF_LIFE_MS, keep = DEFAULT_KEEP } = options;
	for (const [name, value] of Object.entries({ halfLifeMs, keep })) {
		if (Number.isSafeInteger(value) && value > 0) continue;
		throw new TypeError(`A popularity counter's ${name} must be a whole number above 0`);
	}
	return { halfLifeMs, keep };
}

/** What may be counted. */
export function countable(counts: ReadonlyMap<string, number>): [text: string, count: number][] {
	return [...counts].filter(
		([text, count]) => text.length <= MOST_CHARACTERS && Number.isFinite(count) && count > 0,
	);
}

/** Counts within this process. */
export function createMemoryPopularity(
	options: PopularityOptions & { readonly clock: Clock },
): PopularityCounter {
	const { clock } = options;
	const { halfLifeMs, keep } = resolvePopularity(options);
	let counted = new Map<string, number>();
	let halvedAt = clock();

	function halve(): void {
		const now = clock();
		// The clock was set back: nothing is known of the time between.
		if (now < halvedAt) halvedAt = now;
		const halfLives = Math.floor((now - halvedAt) / halfLifeMs);
		if (halfLives === 0) return;
		halvedAt += halfLives * halfLifeMs;
		for (const [text, count] of counted) counted.set(text, count * 0.5 ** halfLives);
	}

	function mostFirst(): [string, number][] {
		return [...counted].sort(([, one], [, other]) => other - one);
	}

	return {
		async add(counts) {
			halve();
			for (const [text, count] of countable(counts)) counted.set(text, (counted.get(text) ?? 0) + count);
			if (counted.size > keep) counted = new Map(mostFirst().slice(0, keep));
		},
		async top(count) {
			return mostFirst()
				.slice(0, Math.max(0, count))
				.map(([text]) => text);
		},
	};
}
