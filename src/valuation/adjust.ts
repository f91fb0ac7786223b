import type { Sale, Valued } from "./sale.ts";
import { SEGMENTS, type Segment, segmentOf } from "./segment.ts";

/** How prices per square metre differ within one project and kind of home: learned from sales, never set by hand. */
export interface Rates {
	/** By how much ln(AED/m2) changes with ln(size): below 0, as the larger of two flats costs less per square metre. */
	readonly size: number;
	/** By how much ln(AED/m2) changes in 30 days. */
	readonly month: number;
}

export type RatesBySegment = Readonly<Record<Segment, Rates>>;

/** What a sale that has nothing to do with the subject's own market may be adjusted for: time no further than this. */
const ADJUSTED_DAYS = 180;

/** The factors by which a sale's price per square metre is brought to the subject's size and day, in logarithms. */
export function adjustments(sale: Sale, subject: Valued, rates: Rates): { size: number; time: number } {
	return {
		size: rates.size * (subject.logSize - sale.logSize),
		time: (rates.month * Math.min(ADJUSTED_DAYS, subject.day - sale.day)) / 30,
	};
}

/** ln(AED/m2) of the sale as it would be for the subject's size, on its day. */
export function adjusted(sale: Sale, subject: Valued, rates: Rates): number {
	const { size, time } = adjustments(sale, subject, rates);
	return sale.logPerSqm + size + time;
}

/** Before anything is learned. */
export const NO_RATES: Rates = { size: 0, month: 0 };

/** After this many days what was learned counts half. */
const HALF_LIFE_DAYS = 30;
/** Pairs of sales further apart in ln size say little about either rate; a difference in price above the last is not one of size or time. */
const PAIRS = { within: 0.25, bandwidth: 0.1, perSale: 10, clip: 0.2 };
/** Evidence for the rates that are taken for granted at first, so that a handful of sales moves them little. */
const PRIOR = { sizes: 0.06, months: 300, size: -0.3 };

interface Sums {
	sizeSize: number;
	sizeTime: number;
	timeTime: number;
	sizePrice: number;
	timePrice: number;
}

/**
 * Learns the rates from pairs of a sale and earlier ones of its project with the same rooms and status: a weighted least
 * squares fit of the difference in price on the differences in size and time, in which the past fades.
 */
export class RateLearner {
	private readonly sums = new Map<Segment, Sums>();
	private day = Number.NaN;

	learn(sale: Sale & Valued, ofProject: readonly Sale[]): void {
		this.fadeTo(sale.day);
		const sums = this.sumsOf(segmentOf(sale));
		let pairs = 0;
		for (const earlier of ofProject) {
			const size = sale.logSize - earlier.logSize;
			if (earlier.rooms !== sale.rooms || earlier.ready !== sale.ready || Math.abs(size) > PAIRS.within)
				continue;
			const months = (sale.day - earlier.day) / 30;
			const price = Math.max(-PAIRS.clip, Math.min(PAIRS.clip, sale.logPerSqm - earlier.logPerSqm));
			const weight = 1 / (1 + (size / PAIRS.bandwidth) ** 2);
			sums.sizeSize += weight * size * size;
			sums.sizeTime += weight * size * months;
			sums.timeTime += weight * months * months;
			sums.sizePrice += weight * size * price;
			sums.timePrice += weight * months * price;
			pairs += 1;
			if (pairs === PAIRS.perSale) return;
		}
	}

	rates(): RatesBySegment {
		return Object.fromEntries(SEGMENTS.map((segment) => [segment, solve(this.sums.get(segment))])) as Record<
			Segment,
			Rates
		>;
	}

	private sumsOf(segment: Segment): Sums {
		let sums = this.sums.get(segment);
		if (!sums) {
			sums = { sizeSize: 0, sizeTime: 0, timeTime: 0, sizePrice: 0, timePrice: 0 };
			this.sums.set(segment, sums);
		}
		return sums;
	}

	private fadeTo(day: number): void {
		if (day > this.day) {
			const kept = 0.5 ** ((day - this.day) / HALF_LIFE_DAYS);
			for (const sums of this.sums.values()) {
				for (const name of Object.keys(sums) as (keyof Sums)[]) sums[name] *= kept;
			}
		}
		if (!(day <= this.day)) this.day = day;
	}
}

function solve(sums: Sums | undefined): Rates {
	if (!sums) return { size: PRIOR.size, month: 0 };
	const sizeSize = sums.sizeSize + PRIOR.sizes;
	const timeTime = sums.timeTime + PRIOR.months;
	const sizePrice = sums.sizePrice + PRIOR.sizes * PRIOR.size;
	const determinant = sizeSize * timeTime - sums.sizeTime ** 2;
	return {
		size: (sizePrice * timeTime - sums.timePrice * sums.sizeTime) / determinant,
		month: (sums.timePrice * sizeSize - sizePrice * sums.sizeTime) / determinant,
	};
}
