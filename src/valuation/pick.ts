import type { Sale, Sought } from "./sale.ts";

/**
 * How far back, and how many of the latest sales of the project and of the area are looked at. Bounds what a valuation
 * costs, however many sales there are.
 */
export const REACH = { days: 365, project: 1_000, area: 1_500 } as const;

/** How many are picked of those: of about the size (difference in ln size), and of very nearly the same. */
const PROJECT = { about: { within: 0.5, most: 150 }, same: { within: 0.02, most: 50 } };
const AREA = { about: { within: 0.2, most: 150 }, same: { within: 0.01, most: 80 } };

/** Ascending by day of registration. */
export interface KnownSales {
	readonly project: readonly Sale[];
	readonly area: readonly Sale[];
}

/** Latest first. */
export interface Picked {
	readonly project: readonly Sale[];
	/** Those of the project may be among them. */
	readonly area: readonly Sale[];
}

/** The sales that speak for the subject: of one type, registered before its day. */
export function pickComparables(subject: Sought, { project, area }: KnownSales): Picked {
	return {
		project: pick(subject, project, PROJECT, REACH.project),
		area: pick(subject, area, AREA, REACH.area),
	};
}

function pick(
	{ day, logSize }: Sought,
	sales: readonly Sale[],
	{ about, same }: typeof PROJECT,
	reach: number,
) {
	const picked: Sale[] = [];
	let ofAbout = 0;
	let ofSame = 0;
	const end = lastBefore(sales, day);
	for (let at = end; at >= 0 && at > end - reach; at -= 1) {
		const sale = sales[at] as Sale;
		if (sale.day < day - REACH.days) break;
		const gap = Math.abs(sale.logSize - logSize);
		const isSame = gap <= same.within && ofSame < same.most;
		const isAbout = gap <= about.within && ofAbout < about.most;
		if (isSame) ofSame += 1;
		if (isAbout) ofAbout += 1;
		if (isSame || isAbout) picked.push(sale);
		if (ofSame === same.most && ofAbout === about.most) break;
	}
	return picked;
}

function lastBefore(sales: readonly Sale[], day: number): number {
	let at = sales.length - 1;
	while (at >= 0 && (sales[at] as Sale).day >= day) at -= 1;
	return at;
}
