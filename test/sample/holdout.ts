/**
 * How hard a market is to value: each arm's-length home sale of the last 30 days against the weighted median AED/m2
 * of earlier sales, in its project or else its area. Deliberately not the application's own valuation, so that
 * improving that one does not move the yardstick. Reads records in the Department's website columns.
 */

export interface Difficulty {
	/** Sales valued. */
	count: number;
	/** Median absolute error, per cent of the price. */
	mdape: number;
	/** Share of values within 10 % of the price, per cent. */
	ppe10: number;
	/** Share of sales that had comparables in their own project, per cent. */
	inProject: number;
}

export const SEGMENTS = ["all", "ready flats", "off-plan flats", "ready villas", "off-plan villas"] as const;
export type Segment = (typeof SEGMENTS)[number];

/** The last day shifts every draw, so one day's figures say little about the few villas; several days together do. */
export const END_DAYS = ["2026-07-31", "2026-09-10", "2026-11-23", "2027-02-14", "2027-05-05", "2028-01-01"];

interface HomeSale {
	/** Days since 1970. */
	at: number;
	/** AED/m2. */
	perSqm: number;
	lnSize: number;
	rooms: string;
	segment: Segment;
	type: string;
	project: string;
	area: string;
}

const HOLDOUT_DAYS = 30;
const HALF_LIFE_DAYS = 25;
const SIZE_KERNEL = 0.03;
const MISMATCH = 0.1;
const FEWEST_COMPARABLES = 3;
const MARKET_PROCEDURES = new Set(["Sale", "Sell - Pre registration", "Delayed Sell"]);

export function measureDifficulty(records: Iterable<Record<string, string>>): Record<Segment, Difficulty> {
	const sales = [...records].flatMap((record) => homeSale(record) ?? []).sort((a, b) => a.at - b.at);
	const holdoutFrom = (sales.at(-1)?.at ?? 0) - HOLDOUT_DAYS;
	const inProject = new Map<string, HomeSale[]>();
	const inArea = new Map<string, HomeSale[]>();
	const valued: { error: number; segment: Segment; ownProject: boolean }[] = [];
	for (const sale of sales) {
		if (sale.at >= holdoutFrom) {
			const own = sale.project === "" ? undefined : indicate(sale, inProject.get(sale.project));
			const value = own ?? indicate(sale, inArea.get(sale.area));
			const error = value === undefined ? Number.POSITIVE_INFINITY : Math.abs(value / sale.perSqm - 1);
			valued.push({ error, segment: sale.segment, ownProject: own !== undefined });
		}
		append(inProject, sale.project, sale);
		append(inArea, sale.area, sale);
	}
	const measured = SEGMENTS.map((segment) => {
		const part = segment === "all" ? valued : valued.filter((one) => one.segment === segment);
		return [segment, summarise(part)] as const;
	});
	return Object.fromEntries(measured) as Record<Segment, Difficulty>;
}

function homeSale(record: Record<string, string>): HomeSale | undefined {
	const text = (column: string) => (record[column] ?? "").replace(/\s+/g, " ").trim();
	const type = text("PROP_SB_TYPE_EN");
	const rooms = /^(?:Studio|(?:10|[1-9]) B\/R)$/.exec(text("ROOMS_EN"))?.[0];
	const price = Number(record["TRANS_VALUE"]);
	const size = Number(record["ACTUAL_AREA"]);
	const perSqm = price / size;
	const isShare = Number(record["PROCEDURE_AREA"]) < 0.9 * size;
	if (!MARKET_PROCEDURES.has(text("PROCEDURE_EN")) || (type !== "Flat" && type !== "Villa")) return undefined;
	if (
		text("PROP_TYPE_EN") === "Land" ||
		text("USAGE_EN") !== "Residential" ||
		rooms === undefined ||
		isShare
	) {
		return undefined;
	}
	if (!(price >= 100_000 && size >= 15 && perSqm >= 2_000 && perSqm <= 150_000)) return undefined;
	const area = `${text("AREA_EN").toLowerCase()}|${type}`;
	const project = text("PROJECT_EN").toLowerCase();
	const status = text("IS_OFFPLAN_EN") === "Off-Plan" ? "off-plan" : "ready";
	return {
		at: Date.parse(`${text("INSTANCE_DATE").replace(" ", "T")}Z`) / 86_400_000,
		perSqm,
		lnSize: Math.log(size),
		rooms,
		segment: `${status} ${type === "Flat" ? "flats" : "villas"}`,
		type,
		project: project === "" ? "" : `${project}|${area}`,
		area,
	};
}

function indicate(subject: HomeSale, pool: readonly HomeSale[] = []): number | undefined {
	const weighted = pool
		.filter((comparable) => comparable.at < subject.at)
		.map(({ perSqm, lnSize, at, rooms, segment }) => {
			const apart = (lnSize - subject.lnSize) / SIZE_KERNEL;
			const likeness = Math.exp(-0.5 * apart * apart) + 1e-4;
			const alike = (rooms === subject.rooms ? 1 : MISMATCH) * (segment === subject.segment ? 1 : MISMATCH);
			return { perSqm, weight: likeness * alike * 0.5 ** ((subject.at - at) / HALF_LIFE_DAYS) };
		})
		.sort((a, b) => a.perSqm - b.perSqm);
	if (weighted.length < FEWEST_COMPARABLES) return undefined;
	const half = weighted.reduce((sum, one) => sum + one.weight, 0) / 2;
	let upTo = 0;
	return weighted.find((one) => {
		upTo += one.weight;
		return upTo >= half;
	})?.perSqm;
}

function summarise(valued: readonly { error: number; ownProject: boolean }[]): Difficulty {
	const errors = valued.map((one) => one.error).sort((a, b) => a - b);
	const share = (count: number) => (100 * count) / valued.length;
	return {
		count: valued.length,
		mdape: 100 * (errors[errors.length >> 1] ?? Number.NaN),
		ppe10: share(errors.filter((error) => error <= 0.1).length),
		inProject: share(valued.filter((one) => one.ownProject).length),
	};
}

function append(pools: Map<string, HomeSale[]>, key: string, sale: HomeSale): void {
	if (key === "") return;
	const pool = pools.get(key);
	if (pool) pool.push(sale);
	else pools.set(key, [sale]);
}
