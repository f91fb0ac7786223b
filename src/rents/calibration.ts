import { z } from "zod";
import { conformalQuantile } from "../learning/conformal.ts";

/** The share of true rents that the range is made to hold. */
export const TARGET_COVERAGE = 0.8;
/** Fewer errors than this in either part, and nothing is promised. */
const ENOUGH = 50;

/**
 * What a rent rests on: for the most part the project's own contracts (`project`), or the area's for want of those
 * (`new-project`); where no project was named, the area's, most of them in some project (`area`) or in none (`no-project`).
 */
export const RENT_SCOPES = ["project", "new-project", "area", "no-project"] as const;
export type RentScope = (typeof RENT_SCOPES)[number];

const rentSegment = z.object({
	propertyType: z.string(),
	/** null for all. */
	scope: z.enum(RENT_SCOPES).nullable(),
	/** Past estimates that the quantile was taken from. */
	n: z.int(),
	/** Multiple of the spread within which the target share of the rents lay. */
	quantile: z.number().positive(),
	/** The share that the range held of the later estimates when it was made from the earlier ones alone. */
	coverage: z.number(),
	/** Median of |estimate / rent - 1|. */
	medianError: z.number(),
});

/** How good estimates of rents have been out of time. Plain JSON; days are counted from 1970-01-01. */
export const rentCalibration = z.object({ dataThrough: z.int(), segments: z.array(rentSegment) });

export type RentSegment = z.output<typeof rentSegment>;
export type RentCalibration = z.output<typeof rentCalibration>;

/** A past estimate and what became of it. */
export interface RentError {
	readonly propertyType: string;
	readonly scope: RentScope;
	/** ln(rent / estimate) */
	readonly error: number;
	/** As the estimate's contracts had it, above 0. */
	readonly spread: number;
	/** Whether it belongs to the later part, on which a range made from the earlier part is measured. */
	readonly later: boolean;
}

/** One segment for each type and scope with errors enough in both parts, and one for each type as a whole. */
export function rentSegments(errors: readonly RentError[]): RentSegment[] {
	const groups = new Map<string, { propertyType: string; scope: RentScope | null; errors: RentError[] }>();
	for (const error of errors) {
		for (const scope of [error.scope, null]) {
			const key = `${error.propertyType}\n${scope}`;
			const group = groups.get(key);
			if (group) group.errors.push(error);
			else groups.set(key, { propertyType: error.propertyType, scope, errors: [error] });
		}
	}
	return [...groups.values()].flatMap(({ propertyType, scope, errors }) => {
		const earlier = errors.filter(({ later }) => !later).map(score);
		const later = errors.filter(({ later }) => later).map(score);
		if (earlier.length < ENOUGH || later.length < ENOUGH) return [];
		const judged = conformalQuantile(earlier, TARGET_COVERAGE);
		const quantile = conformalQuantile([...earlier, ...later], TARGET_COVERAGE);
		// Where nearly all estimates were right to the dirham there is no error to make a range from.
		if (quantile <= 0) return [];
		return {
			propertyType,
			scope,
			n: errors.length,
			quantile,
			coverage: rounded(later.filter((one) => one <= judged).length / later.length),
			medianError: rounded(conformalQuantile(errors.map(relativeError), 0.5)),
		};
	});
}

function score({ error, spread }: RentError): number {
	return Math.abs(error) / spread;
}

function relativeError({ error }: RentError): number {
	return Math.abs(Math.expm1(-error));
}

function rounded(share: number): number {
	return Math.round(share * 1e4) / 1e4;
}

/** That of the type and scope, or of the type as a whole. */
export function rentSegmentFor(
	{ segments }: RentCalibration,
	propertyType: string,
	scope: RentScope,
): RentSegment | undefined {
	const ofType = segments.filter((segment) => segment.propertyType === propertyType);
	return (
		ofType.find((segment) => segment.scope === scope) ?? ofType.find((segment) => segment.scope === null)
	);
}
