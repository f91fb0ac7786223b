export const VALUATION_OUTCOMES = ["valued", "insufficient-evidence"] as const;

export type ValuationOutcome = (typeof VALUATION_OUTCOMES)[number];

export interface ValuationCount {
	readonly segment: string;
	readonly outcome: ValuationOutcome;
	readonly count: number;
}

/** Counts values that were worked out, and those that could not be. */
export interface ValuationStats {
	/** A segment that was not named at the start is not counted. */
	onValued(segment: string, outcome: ValuationOutcome): void;
	report(): readonly ValuationCount[];
}

/** All segments are there from the start, with nothing counted. */
export function createValuationStats(segments: readonly string[]): ValuationStats {
	const counts = segments.flatMap((segment) =>
		VALUATION_OUTCOMES.map((outcome) => ({ segment, outcome, count: 0 })),
	);
	return {
		onValued(segment, outcome) {
			const found = counts.find((count) => count.segment === segment && count.outcome === outcome);
			if (found) found.count += 1;
		},
		report: () => counts.map((count) => ({ ...count })),
	};
}
