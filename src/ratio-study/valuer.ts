import type { Sale, Subject } from "./sale.ts";

/** AED. Eight of ten prices should lie from `low` to `high`. */
export interface Valued {
	readonly estimate: number;
	readonly low: number;
	readonly high: number;
}

/**
 * Any way to put a value on a subject. It sees sales through `learn` only, which is called with the sales of each day
 * after all subjects of that day were valued, the days in order.
 */
export interface Valuer {
	readonly name: string;
	/** The estimate in AED, with its range if it gives one; null where it gives no value. */
	value(subject: Subject): Valued | number | null;
	/** All arm's-length sales of one day, of whatever type. */
	learn(sales: readonly Sale[]): void;
}

/** A simple valuer that a model has to be better than. */
export interface Floor extends Valuer {
	/** One sentence for the report. */
	readonly definition: string;
}

/** An estimate with or without its range. */
export type Answer = Valued | { readonly estimate: number; readonly low: null; readonly high: null };

/** @throws {RangeError} for what is no value: a NaN among the estimates would make nonsense of every measure, silently */
export function ask(valuer: Valuer, subject: Subject): Answer | null {
	const given = valuer.value(subject);
	if (given === null) return null;
	const answer = typeof given === "number" ? { estimate: given, low: null, high: null } : given;
	const { estimate, low, high } = answer;
	const isRange = low === null || (low <= estimate && estimate <= high);
	if (!(estimate > 0 && estimate < Number.POSITIVE_INFINITY && isRange)) {
		throw new RangeError(`${valuer.name} gave ${JSON.stringify(given)} for ${JSON.stringify(subject)}`);
	}
	return answer;
}
