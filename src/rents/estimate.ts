import type { RentRow } from "../../db/queries/rents.ts";
import { ascending, weightedQuantile } from "../lib/weighted.ts";
import { type RentCalibration, type RentScope, rentSegmentFor, TARGET_COVERAGE } from "./calibration.ts";
import type { RentSubject } from "./subject.ts";
import { weighRents } from "./weigh.ts";

/** Fewer contracts, or all of them together worth less than this share of one just like the subject: no estimate. */
const NEEDED = { contracts: 5, weight: 0.1 };
/** The error, in ln(rent), that is to be expected even where all contracts agree. */
const LEAST_SPREAD = 0.1;

/** What contracts say of a rent, before past errors are asked how far that is to be believed. */
export interface RentIndication {
	/** ln(AED/m2 a year): their weighted median. */
	readonly level: number;
	/** What they differ by, in ln(rent): half of what the middle 80 % of their weight spans, and somewhat more. */
	readonly spread: number;
	readonly scope: RentScope;
	/** How many there were. */
	readonly contracts: number;
}

/** AED a year. */
export interface RentEstimate {
	readonly annual: number;
	readonly perSqm: number;
	/** null where no past errors of the property type are known. */
	readonly range: {
		readonly low: number;
		readonly high: number;
		/** The share of rents that the range should hold, and the share that it was measured to hold. */
		readonly targetCoverage: number;
		readonly measuredCoverage: number;
		/** Past estimates that the range was made from. */
		readonly n: number;
	} | null;
	/** How many it rests on. */
	readonly contracts: number;
	readonly scope: RentScope;
}

/**
 * What a tenant who comes on the subject's day would pay.
 *
 * @param contracts new ones of the subject's type, each once; those known on its day or later do not count
 * @param calibration undefined before there is any: no range is known then
 */
export function estimateRent(
	subject: RentSubject,
	contracts: readonly RentRow[],
	calibration: RentCalibration | undefined,
): RentEstimate | null {
	const indication = indicateRent(subject, contracts);
	if (!indication) return null;
	const { level, spread, scope } = indication;
	const perSqm = Math.exp(level);
	const annual = perSqm * subject.sizeSqm;
	const segment = calibration && rentSegmentFor(calibration, subject.propertyType, scope);
	const factor = segment ? Math.exp(segment.quantile * spread) : Number.NaN;
	return {
		annual,
		perSqm,
		range: segment
			? {
					low: annual / factor,
					high: annual * factor,
					targetCoverage: TARGET_COVERAGE,
					measuredCoverage: segment.coverage,
					n: segment.n,
				}
			: null,
		contracts: indication.contracts,
		scope,
	};
}

export function indicateRent(subject: RentSubject, contracts: readonly RentRow[]): RentIndication | null {
	const known = contracts.filter(({ knownDay }) => knownDay < subject.day);
	if (known.length < NEEDED.contracts) return null;
	const { weights, total, ofProject, inProjects } = weighRents(subject, known);
	if (total < NEEDED.weight) return null;
	const values = Float64Array.from(known, ({ annualRent, sizeSqm }) => Math.log(annualRent / sizeSqm));
	const weighed = { values, weights, order: ascending(values) };
	return {
		level: weightedQuantile(weighed, 0.5),
		spread: (weightedQuantile(weighed, 0.9) - weightedQuantile(weighed, 0.1)) / 2 + LEAST_SPREAD,
		scope: scopeOf(subject, ofProject, inProjects),
		contracts: known.length,
	};
}

/** @param ofProject and `inProjects` are shares of the weight */
function scopeOf({ namesProject }: RentSubject, ofProject: number, inProjects: number): RentScope {
	if (ofProject >= 0.5) return "project";
	if (namesProject) return "new-project";
	return inProjects >= 0.5 ? "area" : "no-project";
}
