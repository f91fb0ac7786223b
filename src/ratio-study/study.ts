import { dayOfNumber } from "../lib/days.ts";
import { type Bootstrap, INTERVAL_LEVEL } from "./bootstrap.ts";
import { POPULATION, UNBOUNDED_POPULATION } from "./population.ts";
import { DESCRIBED_BY } from "./sale.ts";
import { boundedSegments, fifthsOf, unboundedSegments } from "./segments.ts";
import { MINIMUM_N, type SegmentSummary, summarise } from "./summary.ts";
import { type TestedSale, type Walk, walkForward } from "./walk.ts";

export interface StudyOptions extends Walk {
	/** What else the report should say of the valuer: its name, version, parameters, what it was tuned on. JSON. */
	readonly model?: unknown;
	readonly bootstrap?: Partial<Bootstrap>;
}

/** How the figures came about: who has the same sales and the same valuer gets the same ones. */
export interface Protocol {
	/** YYYY-MM-DD in Dubai. */
	readonly test_from: string;
	/** The last day of which a sale was tested. */
	readonly test_to: string;
	/** The first day that there are sales of. */
	readonly history_from: string;
	readonly sales: {
		/** Arm's-length sales of all types, to the end of the test period. */
		readonly given: number;
		/** Those of them before the test period. */
		readonly before_test: number;
		readonly tested: number;
		readonly tested_unbounded: number;
	};
	readonly population: typeof POPULATION;
	readonly unbounded_population: typeof UNBOUNDED_POPULATION;
	readonly subject_described_by: typeof DESCRIBED_BY;
	readonly look_ahead: string;
	/** Where `price-2` to `price-5` begin, AED. */
	readonly price_fifths_from: readonly number[];
	/** By the floor's name. */
	readonly floors: Readonly<Record<string, string>>;
	readonly minimum_n: number;
	readonly range_level: number;
	readonly bootstrap: Bootstrap & { readonly level: number };
	readonly model: unknown;
	readonly data_credit: string;
}

/** Plain JSON. Shares and errors are fractions, `cod` is in percent. */
export interface Report {
	readonly protocol: Protocol;
	readonly segments: readonly SegmentSummary[];
	/** Without the bounds of the population: all and the four groups. */
	readonly unbounded: readonly SegmentSummary[];
}

const BOOTSTRAP: Bootstrap = { resamples: 200, seed: 20_260_701 };

/**
 * Walks through the test period and says how good the values were, by segment, beside what simple rules reach.
 *
 * @throws {RangeError} when nothing was sold in the test period that could be tested, or the valuer gives what is no value
 */
export function ratioStudy(options: StudyOptions): Report {
	const tested = walkForward(options);
	const floors = options.floors.map(({ name }) => name);
	const drawn = { ...BOOTSTRAP, ...options.bootstrap };
	const protocol = protocolOf(options, tested, drawn);
	return {
		protocol,
		segments: boundedSegments(tested).map((segment) => summarise(segment, floors, drawn)),
		unbounded: unboundedSegments(tested).map((segment) => summarise(segment, floors, drawn)),
	};
}

function protocolOf(options: StudyOptions, tested: readonly TestedSale[], drawn: Bootstrap): Protocol {
	const last = tested.at(-1)?.sale.day;
	if (last === undefined) throw new RangeError(`No home was sold from ${dayOfNumber(options.testFrom)} on`);
	const bounded = tested.filter(({ isBounded }) => isBounded);
	const given = options.sales.filter(({ day }) => day <= last);
	return {
		test_from: dayOfNumber(options.testFrom),
		test_to: dayOfNumber(last),
		history_from: dayOfNumber(given.reduce((first, { day }) => Math.min(first, day), last)),
		sales: {
			given: given.length,
			before_test: given.filter(({ day }) => day < options.testFrom).length,
			tested: bounded.length,
			tested_unbounded: tested.length,
		},
		population: POPULATION,
		unbounded_population: UNBOUNDED_POPULATION,
		subject_described_by: DESCRIBED_BY,
		look_ahead: "each sale is valued only with what was registered before its day",
		price_fifths_from: fifthsOf(bounded.map(({ sale }) => sale.price)),
		floors: Object.fromEntries(options.floors.map(({ name, definition }) => [name, definition])),
		minimum_n: MINIMUM_N,
		range_level: 0.8,
		bootstrap: { ...drawn, level: INTERVAL_LEVEL },
		model: options.model ?? { name: options.valuer.name },
		data_credit: "Dubai Land Department open data",
	};
}
