import { isHome } from "./population.ts";
import type { Sale } from "./sale.ts";
import type { Valuer } from "./valuer.ts";

/**
 * What is known on a day's morning. Sales get to the valuers through here only, a whole day at a time, and never a day
 * that is not later than all before: who values before adding cannot have seen the day's own sales.
 */
export class History {
	private lastDay = Number.NEGATIVE_INFINITY;
	private readonly projects = new Set<number>();

	constructor(private readonly valuers: readonly Valuer[]) {}

	/** @throws {RangeError} unless all are of one day, and that is later than what is here */
	add(sales: readonly Sale[]): void {
		const day = sales[0]?.day ?? this.lastDay;
		if (!(day > this.lastDay) || sales.some((sale) => sale.day !== day)) {
			throw new RangeError(`One later day at a time: ${day} does not follow ${this.lastDay}`);
		}
		this.lastDay = day;
		for (const sale of sales) if (sale.projectId !== null && isHome(sale)) this.projects.add(sale.projectId);
		for (const valuer of this.valuers) valuer.learn(sales);
	}

	/** Whether a home in the project has been sold. */
	hasProject(id: number): boolean {
		return this.projects.has(id);
	}
}
