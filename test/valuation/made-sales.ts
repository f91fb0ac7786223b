import { createRandom } from "../../src/lib/random.ts";
import type { TypedSale } from "../../src/valuation/history.ts";
import { saleOf } from "../../src/valuation/sale.ts";

/** 2026-08-01 */
export const TODAY = 20_666;

type Given = Partial<
	Pick<TypedSale, "id" | "sizeSqm" | "rooms" | "ready" | "projectId" | "areaId" | "propertyType">
>;

let lastId = 0;

/** A ready one-bedroom flat of 100 m2 without a project, sold `ago` days before, unless something else is said. */
export function madeSale(perSqm: number, ago: number, given: Given = {}): TypedSale {
	lastId += 1;
	const { propertyType = "Flat", sizeSqm = 100, ...rest } = given;
	const sale = saleOf({
		id: lastId,
		day: TODAY - ago,
		price: perSqm * sizeSqm,
		sizeSqm,
		rooms: 1,
		ready: true,
		projectId: null,
		areaId: 1,
		...rest,
	});
	return { ...sale, propertyType };
}

/**
 * A made-up market in which every price is known: per square metre 20,000 in the first project and 1,000 more in each
 * further one, less 0.4 % for each percent of size, 1 % more in 30 days, and noise.
 */
export function madeMarket({ days = 180, perDay = 30, noise = 0.05, seed = 1 } = {}): TypedSale[] {
	const random = createRandom(seed);
	return Array.from({ length: days * perDay }, (_, index) => {
		const ago = days - Math.floor(index / perDay);
		const project = random.integer(0, 9);
		const rooms = random.integer(0, 2);
		const sizeSqm = [40, 70, 110][rooms] as number;
		const size = Math.round(sizeSqm * (1 + random.normal(0, 0.04)) * 10) / 10;
		const level =
			Math.log(20_000 + 1_000 * project) -
			0.4 * Math.log(size / 70) +
			(0.01 * -ago) / 30 +
			random.normal(0, noise);
		return madeSale(Math.exp(level), ago, {
			sizeSqm: size,
			rooms,
			projectId: project + 1,
			areaId: 1 + (project % 3),
		});
	});
}
