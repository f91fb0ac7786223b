import { describe, expect, test } from "bun:test";
import { BoostedTrees } from "../../src/learning/boosted-trees.ts";
import { boost, pseudoHuber, welsch } from "../../src/learning/boosting.ts";
import { createRandom } from "../../src/lib/random.ts";

const OPTIONS = {
	trees: 80,
	depth: 4,
	rate: 0.2,
	leafRows: 10,
	shrinkage: 1,
	rowShare: 0.8,
	featureShare: 1,
	pull: pseudoHuber(1),
};

/** y = 2 where the first feature is above 0.3 and the second is known, else -1; the third says nothing. */
function made(count: number, seed = 7) {
	const random = createRandom(seed);
	const rows = new Float64Array(count * 3);
	const targets = new Float64Array(count);
	for (let row = 0; row < count; row += 1) {
		const [a, b, c] = [random.next(), random.chance(0.5) ? random.next() : Number.NaN, random.next()];
		rows.set([a, b, c], row * 3);
		targets[row] = a > 0.3 && !Number.isNaN(b) ? 2 : -1;
	}
	return { rows, targets };
}

function learned(options: Partial<typeof OPTIONS> = {}): BoostedTrees {
	const { rows, targets } = made(2_000);
	return boost(rows, targets, { ...OPTIONS, ...options, random: createRandom(1).next });
}

describe("boosted trees", () => {
	test("learn what depends on two features together, one of them often unknown", () => {
		const trees = learned();
		expect(trees.predict([0.9, 0.2, 0.5])).toBeCloseTo(2, 1);
		expect(trees.predict([0.9, Number.NaN, 0.5])).toBeCloseTo(-1, 1);
		expect(trees.predict([0.1, 0.2, 0.5])).toBeCloseTo(-1, 1);
	});

	test("divide a prediction into parts that sum to it, with little for what says nothing", () => {
		const trees = learned();
		const row = [0.9, 0.2, 0.5];
		const { bias, parts } = trees.explain(row);
		expect(bias + parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(trees.predict(row), 12);
		expect(Math.abs(parts[2] as number)).toBeLessThan(0.1);
		expect(Math.min(parts[0] as number, parts[1] as number)).toBeGreaterThan(0.3);
	});

	test("are the same for the same rows and chance", () => {
		expect(learned().encode()).toEqual(learned().encode());
	});

	test("of Welsch's pull follow the bulk where a tenth of the targets is far off; a mean would not", () => {
		const count = 1_000;
		const rows = Float64Array.from({ length: count }, (_, index) => index % 2);
		const targets = Float64Array.from({ length: count }, (_, index) => (index % 10 === 0 ? 5 : 0.1));
		const fit = (pull: (residual: number) => number) =>
			boost(rows, targets, { ...OPTIONS, pull, random: createRandom(1).next }).predict([0]);
		expect(fit(welsch(0.2))).toBeCloseTo(0.1, 2);
		expect(fit((residual) => residual)).toBeGreaterThan(0.9);
	});

	test("never split where a side would have fewer rows than a leaf needs", () => {
		const rows = Float64Array.from({ length: 20 }, (_, index) => index);
		const targets = Float64Array.from({ length: 20 }, (_, index) => (index < 5 ? 10 : 0));
		const options = { ...OPTIONS, rowShare: 1, leafRows: 11, random: createRandom(1).next };
		const trees = boost(rows, targets, options);
		expect(trees.predict([0])).toBe(trees.predict([19]));
	});

	test("are refused without rows, or with targets that do not belong to them", () => {
		const options = { ...OPTIONS, random: createRandom(1).next };
		expect(() => boost(new Float64Array(0), new Float64Array(0), options)).toThrow(RangeError);
		expect(() => boost(new Float64Array(3), new Float64Array(2), options)).toThrow(RangeError);
	});
});

describe("kept trees", () => {
	test("predict the same when they are read again", () => {
		const trees = learned({ trees: 5 });
		const again = BoostedTrees.decode(JSON.parse(JSON.stringify(trees.encode())));
		const { rows } = made(50, 8);
		for (let at = 0; at < rows.length; at += 3) {
			const row = rows.subarray(at, at + 3);
			expect(again.predict(row)).toBe(trees.predict(row));
		}
	});

	test("are refused when they are damaged, above all when they would lead round in circles", () => {
		const whole = learned({ trees: 2 }).encode();
		const circle = new Int32Array(
			Uint8Array.from(atob(whole.children), (char) => char.charCodeAt(0)).buffer,
		).fill(0);
		const bytes = new Uint8Array(circle.buffer);
		for (const damaged of [
			null,
			{ ...whole, width: 1 },
			{ ...whole, values: "" },
			{ ...whole, children: btoa(String.fromCharCode(...bytes)) },
		]) {
			expect(() => BoostedTrees.decode(damaged)).toThrow();
		}
	});
});
