/**
 * Chance that can be repeated: a small seeded generator (sfc32, by Chris Doty-Humphrey, from PractRand). It uses only
 * integer arithmetic and IEEE additions, so one seed gives the same numbers on every machine. Not for secrets.
 */
export interface Random {
	/** The next number in [0, 1), in steps of 2^-32. */
	next(): number;
	/** A number in [low, high). */
	between(low: number, high: number): number;
	/** A whole number from `low` to `high`, both included. */
	integer(low: number, high: number): number;
	/** True with the given probability. */
	chance(probability: number): boolean;
	/** Bell-shaped noise; never further than six standard deviations from the mean. */
	normal(mean?: number, deviation?: number): number;
	/** One of the items, each as likely as the others. Throws on an empty list. */
	pick<T>(items: readonly T[]): T;
	/** One of the values, as likely as its weight says. Throws if no weight is above zero. */
	weighted<T>(choices: readonly (readonly [value: T, weight: number])[]): T;
}

const WARM_UP = 15;

/** `stream` separates sequences that share a seed, so that drawing more from one leaves the others as they were. */
export function createRandom(seed: number, stream = 0): Random {
	let a = Math.floor(seed / 2 ** 32) | 0;
	let b = seed | 0;
	let c = stream | 0;
	let counter = 1;

	function next(): number {
		const sum = (((a + b) | 0) + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = (((c << 21) | (c >>> 11)) + sum) | 0;
		return (sum >>> 0) / 2 ** 32;
	}
	for (let round = 0; round < WARM_UP; round++) next();

	return {
		next,
		between: (low, high) => low + next() * (high - low),
		integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
		chance: (probability) => next() < probability,
		normal(mean = 0, deviation = 1) {
			// Twelve uniform draws (Irwin-Hall): Box-Muller needs Math.log, whose last bit differs between platforms.
			let sum = -6;
			for (let draw = 0; draw < 12; draw++) sum += next();
			return mean + deviation * sum;
		},
		pick(items) {
			const item = items[Math.floor(next() * items.length)];
			if (item === undefined) throw new RangeError("There is nothing to pick from.");
			return item;
		},
		weighted: (choices) => weightedPicker(choices)(next()),
	};
}

/** The same as `Random.weighted` for many draws from one long list: pass each draw's `next()`. */
export function weightedPicker<T>(choices: readonly (readonly [value: T, weight: number])[]) {
	let total = 0;
	const steps = choices
		.filter(([, weight]) => weight > 0)
		.map(([value, weight]) => {
			total += weight;
			return { value, upTo: total };
		});
	if (steps.length === 0) throw new RangeError("There is nothing to pick from.");
	return (draw: number): T => {
		const target = draw * total;
		let low = 0;
		let high = steps.length - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((steps[middle]?.upTo ?? total) > target) high = middle;
			else low = middle + 1;
		}
		const step = steps[low];
		if (step === undefined) throw new RangeError(`A draw must be in [0, 1), not ${draw}.`);
		return step.value;
	};
}
