import type { KnownSales } from "./pick.ts";
import type { Sale } from "./sale.ts";

export interface TypedSale extends Sale {
	readonly propertyType: string;
}

/** All sales so far, in memory: what the database holds for a request, for valuing thousands of past sales in their turn. */
export class History {
	private readonly projects = new ByType();
	private readonly areas = new ByType();

	/** @param sale no earlier than those added before */
	add(sale: TypedSale): void {
		this.areas.add(sale.areaId, sale);
		if (sale.projectId !== null) this.projects.add(sale.projectId, sale);
	}

	/** Ascending by day. */
	of(sought: { propertyType: string; areaId: number; projectId: number | null }): KnownSales {
		return {
			project: this.projects.of(sought.projectId, sought.propertyType),
			area: this.areas.of(sought.areaId, sought.propertyType),
		};
	}
}

class ByType {
	private readonly lists = new Map<string, Map<number, Sale[]>>();

	add(id: number, sale: TypedSale): void {
		let ofType = this.lists.get(sale.propertyType);
		if (!ofType) {
			ofType = new Map();
			this.lists.set(sale.propertyType, ofType);
		}
		const list = ofType.get(id);
		if (list) list.push(sale);
		else ofType.set(id, [sale]);
	}

	of(id: number | null, propertyType: string): readonly Sale[] {
		return (id !== null && this.lists.get(propertyType)?.get(id)) || [];
	}
}
