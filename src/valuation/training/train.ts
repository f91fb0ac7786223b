import type { BoostedTrees } from "../../learning/boosted-trees.ts";
import { type BoostingOptions, boost, pseudoHuber, welsch } from "../../learning/boosting.ts";
import { createRandom } from "../../lib/random.ts";
import { calibrate, type PastError } from "../calibration.ts";
import type { TypedSale } from "../history.ts";
import type { Layer, Model } from "../model.ts";
import { type Example, trainingSet } from "./training-set.ts";

/** The last days are valued by what was learned before them, in two steps: from these errors the ranges are made. */
const CALIBRATION_DAYS = 30;
/** Fewer examples, and only comparables count. */
const EXAMPLES_NEEDED = 2_000;
/** The same where either of the last two months has fewer: there would be no errors to learn from. */
const ERRORS_NEEDED = 100;
/** Kept from the logarithm of an error of nothing. */
const LEAST_ERROR = 0.003;

const SHARES = { rowShare: 0.5, featureShare: 0.5 };
const LEVEL = { ...SHARES, trees: 300, depth: 6, rate: 0.06, leafRows: 40, shrinkage: 5, pull: welsch(0.1) };
const SPREAD = {
	...SHARES,
	trees: 120,
	depth: 4,
	rate: 0.08,
	leafRows: 60,
	shrinkage: 5,
	pull: pseudoHuber(1),
};

/**
 * Learns all that a model knows from past sales.
 *
 * @param sales all arm's-length ones with a plausible price, ascending by day
 */
export function trainModel(sales: readonly TypedSale[], { version }: { version: string }): Model {
	const set = trainingSet(sales);
	const through = sales.at(-1)?.day ?? 0;
	const ofProject = learn(set.project, through);
	const ofArea = learn(set.area, through);
	return {
		version,
		dataFrom: sales[0]?.day ?? 0,
		dataThrough: through,
		sales: sales.length,
		rates: set.rates,
		layers: {
			...(ofProject.layer && { project: ofProject.layer }),
			...(ofArea.layer && { area: ofArea.layer }),
		},
		calibration: calibrate([...ofProject.errors, ...ofArea.errors]),
	};
}

function learn(examples: readonly Example[], through: number): { layer?: Layer; errors: PastError[] } {
	const parts = [0, 1].map((part) => {
		const until = through - (2 - part) * CALIBRATION_DAYS;
		return {
			before: examples.filter(({ day }) => day <= until),
			after: examples.filter(({ day }) => day > until && day <= until + CALIBRATION_DAYS),
		};
	}) as [Part, Part];
	const enough = parts.every(
		({ before, after }) =>
			before.filter(isLearnable).length >= EXAMPLES_NEEDED &&
			after.filter(isLearnable).length >= ERRORS_NEEDED,
	);
	const unlearned = (one: Example) => !(enough && isLearnable(one));
	const bySpread = parts.flatMap(({ after }, part) =>
		after.filter(unlearned).map((one) => pastError(one, one.departure, one.errorBySpread, part === 1)),
	);
	if (!enough) return { errors: bySpread };

	const judged = parts.map(({ before, after }) => {
		const level = learnLevel(before.filter(isLearnable));
		return after
			.filter(isLearnable)
			.map((example) => ({ example, error: example.departure - level.predict(example.row) }));
	}) as [Judged[], Judged[]];
	const spreads = judged.map(learnSpread) as [BoostedTrees, BoostedTrees];
	const errors = judged.flatMap((list, part) => {
		// Each part's errors are expected by what was learned from the other's.
		const spread = spreads[1 - part] as BoostedTrees;
		return list.map(({ example, error }) =>
			pastError(example, error, Math.exp(spread.predict(example.row)), part === 1),
		);
	});
	const layer = { level: learnLevel(examples.filter(isLearnable)), spread: learnSpread(judged.flat()) };
	return { layer, errors: [...errors, ...bySpread] };
}

interface Part {
	readonly before: Example[];
	readonly after: Example[];
}

interface Judged {
	readonly example: Example;
	readonly error: number;
}

function isLearnable({ row }: Example): boolean {
	return row.length > 0;
}

function learnLevel(examples: readonly Example[]): BoostedTrees {
	return fit(
		examples.map(({ row }) => row),
		examples.map(({ departure }) => departure),
		LEVEL,
	);
}

function learnSpread(judged: readonly Judged[]): BoostedTrees {
	return fit(
		judged.map(({ example }) => example.row),
		judged.map(({ error }) => Math.log(Math.abs(error) + LEAST_ERROR)),
		SPREAD,
	);
}

function fit(
	rows: readonly Float64Array[],
	targets: readonly number[],
	options: Omit<BoostingOptions, "random">,
) {
	const width = rows[0]?.length ?? 0;
	const matrix = new Float64Array(rows.length * width);
	for (const [index, row] of rows.entries()) matrix.set(row, index * width);
	return boost(matrix, Float64Array.from(targets), { ...options, random: createRandom(1).next });
}

function pastError({ segment, support }: Example, error: number, expected: number, late: boolean): PastError {
	return { segment, support, error, expected, late };
}
