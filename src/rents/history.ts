import type { MarketRent, RentRow, WantedRents } from "../../db/queries/rents.ts";

/** Contracts in memory, and from them what the database would give for the same wish: for valuing thousands of past ones. */
export class RentHistory {
	readonly #areas = new Map<string, MarketRent[]>();
	readonly #projects = new Map<string, MarketRent[]>();
	readonly #sizes = new Map<string, MarketRent[]>();

	/** @param contract known no earlier than those added before */
	add(contract: MarketRent): void {
		const { areaId, projectId, propertyType, sizeSqm } = contract;
		append(this.#areas, `${areaId} ${propertyType}`, contract);
		append(this.#sizes, `${areaId} ${sizeSqm} ${propertyType}`, contract);
		if (projectId !== null) append(this.#projects, `${projectId} ${propertyType}`, contract);
	}

	/** Of one area, and of one project at the most: those of a contract. */
	latest({
		propertyType,
		areaIds: [areaId],
		projectIds: [projectId],
		from,
		before,
		...picks
	}: WantedRents): RentRow[] {
		const { ofProject, ofArea, ofSize } = picks;
		const found = new Map<number, RentRow>();
		const pick = (contracts: MarketRent[] = [], low: number, high: number, most: number) => {
			for (let at = contracts.length - 1, left = most; at >= 0 && left > 0; at -= 1) {
				const contract = contracts[at] as MarketRent;
				if (contract.knownDay < from) break;
				if (contract.knownDay >= before || contract.sizeSqm < low || contract.sizeSqm > high) continue;
				found.set(contract.id, {
					...contract,
					ofProject: projectId !== undefined && contract.projectId === projectId,
					inProject: contract.projectId !== null,
				});
				left -= 1;
			}
		};
		pick(this.#projects.get(`${projectId} ${propertyType}`), ofProject.low, ofProject.high, ofProject.most);
		pick(this.#areas.get(`${areaId} ${propertyType}`), ofArea.low, ofArea.high, ofArea.most);
		const { sizeSqm, most } = ofSize;
		pick(this.#sizes.get(`${areaId} ${sizeSqm} ${propertyType}`), sizeSqm, sizeSqm, most);
		return [...found.values()];
	}
}

function append(lists: Map<string, MarketRent[]>, key: string, contract: MarketRent): void {
	const list = lists.get(key);
	if (list) list.push(contract);
	else lists.set(key, [contract]);
}
