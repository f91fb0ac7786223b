import { ascending, effectiveCount, sumOf, type Weighed, weightedQuantile } from "../lib/weighted.ts";
import { adjusted, type Rates } from "./adjust.ts";
import type { Picked } from "./pick.ts";
import type { Sale, Valued } from "./sale.ts";
import { type Kernel, weigh } from "./weigh.ts";

/** From the narrowest to the widest. The first finds the very layout: within a project sizes repeat to the centimetre. */
const PROJECT_KERNELS = [
	{ size: 0.0012, halfLife: 45, rooms: 0.1, status: 0.05 },
	{ size: 0.004, halfLife: 10, rooms: 0.1, status: 0.05 },
	{ size: 0.01, halfLife: 21, rooms: 0.1, status: 0.05 },
	{ size: 0.025, halfLife: 14, rooms: 0.2, status: 0.05 },
	{ size: 0.025, halfLife: 60, rooms: 0.2, status: 0.05 },
	{ size: 0.08, halfLife: 30, rooms: 0.3, status: 0.1 },
	{ size: 0.3, halfLife: 7, rooms: 0.5, status: 0.1 },
] as const satisfies Kernel[];

const AREA_KERNELS = [
	{ size: 0.004, halfLife: 60, rooms: 0.1, status: 0.05 },
	{ size: 0.03, halfLife: 30, rooms: 0.2, status: 0.05 },
	{ size: 0.12, halfLife: 30, rooms: 0.3, status: 0.05 },
	{ size: 0.12, halfLife: 7, rooms: 0.3, status: 0.05 },
] as const satisfies Kernel[];

/** Beneath it a weight is nothing. */
const NEGLIGIBLE = 1e-7;

export type SearchScope = "project" | "area";

/** What one set of sales says by one kernel. */
export interface Indication extends Weighed {
	/** Latest first; `values` are theirs, adjusted to the subject. */
	readonly sales: readonly Sale[];
	readonly scope: SearchScope;
	/** ln(AED/m2): the weighted median of the adjusted sales; NaN without any. */
	readonly level: number;
	readonly total: number;
	/** As many equally good sales would say as much. */
	readonly effective: number;
}

export interface Indications {
	readonly project: readonly Indication[];
	readonly area: readonly Indication[];
	/** The one that is to be believed where nothing else is known; undefined without any sales. */
	readonly best: Indication | undefined;
}

/** What the picked sales say of the subject, each brought to its size and day, by kernels from narrow to wide. */
export function indicate(subject: Valued, picked: Picked, rates: Rates): Indications {
	const project = PROJECT_KERNELS.map(kernelReader(subject, picked.project, rates, "project"));
	const area = AREA_KERNELS.map(kernelReader(subject, picked.area, rates, "area"));
	return { project, area, best: choose(project, area) };
}

function kernelReader(subject: Valued, sales: readonly Sale[], rates: Rates, scope: SearchScope) {
	const values = new Float64Array(sales.length);
	for (let index = 0; index < sales.length; index += 1)
		values[index] = adjusted(sales[index] as Sale, subject, rates);
	const order = ascending(values);
	return (kernel: Kernel): Indication => {
		const weights = weigh(subject, sales, kernel);
		const total = sumOf(weights);
		const weighed = { values, weights, order };
		const level = total > NEGLIGIBLE ? weightedQuantile(weighed, 0.5) : Number.NaN;
		return {
			...weighed,
			sales,
			scope,
			level,
			total,
			effective: total > NEGLIGIBLE ? effectiveCount(weights) : 0,
		};
	};
}

/** The same as if no project had been named. */
export function withoutProject({ area }: Indications, subject: Valued, rates: Rates): Indications {
	const project = PROJECT_KERNELS.map(kernelReader(subject, [], rates, "project"));
	return { project, area, best: choose(project, area) };
}

/** The project's own sales if they suffice, the narrower the better; then the area's, then whatever there is. */
function choose(project: readonly Indication[], area: readonly Indication[]): Indication | undefined {
	const [, , , near, , about, wide] = project;
	const [, nearInArea, aboutInArea] = area;
	if (near && near.effective > 2) return near;
	if (about && about.effective > 0) return about;
	if (nearInArea && nearInArea.effective > 3) return nearInArea;
	return [aboutInArea, wide].find((one) => one && one.effective > 0);
}
