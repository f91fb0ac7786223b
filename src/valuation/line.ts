import type { Sale, Valued } from "./sale.ts";

/** What draws the coefficients towards 0: of ln size, of 30 days, of a room, of the other status. */
const RIDGE = [0, 0.02, 4, 1, 1];
const SIZE = RIDGE.length;

export interface Line {
	/** ln(AED/m2) at the subject's own size, day, rooms and status. */
	readonly level: number;
	/** By how much it changes with ln(size). */
	readonly slope: number;
}

/**
 * A weighted ridge regression of ln(AED/m2) on the differences from the subject. Of few sales it says little more than
 * their mean, of many it follows how size, time, rooms and status go with the price just here.
 */
export function fitLine(subject: Valued, sales: readonly Sale[], weights: Float64Array): Line {
	const matrix = new Float64Array(SIZE * SIZE);
	const right = new Float64Array(SIZE);
	const row = new Float64Array(SIZE);
	let any = false;
	for (let index = 0; index < sales.length; index += 1) {
		const sale = sales[index] as Sale;
		const weight = weights[index] as number;
		if (weight < 1e-6) continue;
		any = true;
		row[0] = 1;
		row[1] = sale.logSize - subject.logSize;
		row[2] = (subject.day - sale.day) / 30;
		row[3] = subject.rooms === null || sale.rooms === null ? 0 : sale.rooms - subject.rooms;
		row[4] = sale.ready === subject.ready ? 0 : 1;
		for (let a = 0; a < SIZE; a += 1) {
			const weighted = weight * (row[a] as number);
			right[a] = (right[a] as number) + weighted * sale.logPerSqm;
			for (let b = 0; b < SIZE; b += 1) {
				matrix[a * SIZE + b] = (matrix[a * SIZE + b] as number) + weighted * (row[b] as number);
			}
		}
	}
	if (!any) return { level: Number.NaN, slope: Number.NaN };
	for (const [a, penalty] of RIDGE.entries()) {
		matrix[a * (SIZE + 1)] = (matrix[a * (SIZE + 1)] as number) + penalty + 1e-9;
	}
	const [level = Number.NaN, slope = Number.NaN] = solve(matrix, right);
	return { level, slope };
}

/** Gauss's elimination; the matrix is symmetric and positive definite, so no pivoting is called for. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
	const at = (row: number, column: number) => matrix[row * SIZE + column] as number;
	for (let pivot = 0; pivot < SIZE; pivot += 1) {
		for (let row = pivot + 1; row < SIZE; row += 1) {
			const factor = at(row, pivot) / at(pivot, pivot);
			for (let column = pivot; column < SIZE; column += 1) {
				matrix[row * SIZE + column] = at(row, column) - factor * at(pivot, column);
			}
			right[row] = (right[row] as number) - factor * (right[pivot] as number);
		}
	}
	const solution = new Float64Array(SIZE);
	for (let row = SIZE - 1; row >= 0; row -= 1) {
		let value = right[row] as number;
		for (let column = row + 1; column < SIZE; column += 1)
			value -= at(row, column) * (solution[column] as number);
		solution[row] = value / at(row, row);
	}
	return solution;
}
