import { and, between, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { intArray, prepared } from "../prepared.ts";
import { areas, projects, rentals, sales } from "../schema/index.ts";

/** A sale that may serve as a comparable. AED, square metres. */
export interface ComparableSale {
	id: number;
	/** YYYY-MM-DD in Dubai. */
	registeredOn: string;
	price: number;
	sizeSqm: number;
	rooms: number | null;
	developmentStatus: "Ready" | "Off-Plan";
	projectId: number | null;
	project: string | null;
	area: string;
}

/** Where and when to look. Days are YYYY-MM-DD in Dubai; `from` counts, `before` does not. */
export interface EvidenceParams {
	areaIds: readonly number[];
	propertyType: string;
	from: string;
	before: string;
}

export interface SizeRange {
	minSizeSqm: number;
	maxSizeSqm: number;
}

/** Prices outside of these are slips of the pen or not the whole price (AED, AED per square metre). */
const PLAUSIBLE = { price: 50_000, perSqmLow: 2_000, perSqmHigh: 150_000 };

const param = sql.placeholder;
const salePerSqm = sql`${sales.price} / ${sales.sizeSqm}`;

function comparableSales(): SQL | undefined {
	return and(
		sales.armsLength,
		sql`${sales.areaId} = any(${param("areaIds")}::int[])`,
		eq(sales.propertyType, param("propertyType")),
		gte(sales.registeredAt, param("from")),
		lt(sales.registeredAt, param("before")),
		sql`${sales.price} >= ${PLAUSIBLE.price}`,
		sql`${salePerSqm} between ${PLAUSIBLE.perSqmLow} and ${PLAUSIBLE.perSqmHigh}`,
	);
}

const comparablesQuery = prepared((db) =>
	db
		.select({
			id: sales.id,
			registeredOn: sql<string>`to_char(${sales.registeredAt}, 'YYYY-MM-DD')`,
			price: sql<number>`${sales.price}`.mapWith(Number),
			sizeSqm: sql<number>`${sales.sizeSqm}`.mapWith(Number),
			rooms: sales.rooms,
			developmentStatus: sales.developmentStatus,
			projectId: sales.projectId,
			project: projects.name,
			area: areas.name,
			found: sql<number>`count(*) over ()`.mapWith(Number),
		})
		.from(sales)
		.innerJoin(areas, eq(areas.id, sales.areaId))
		.leftJoin(projects, eq(projects.id, sales.projectId))
		.where(and(comparableSales(), between(sales.sizeSqm, param("minSizeSqm"), param("maxSizeSqm"))))
		.orderBy(
			sql`(${sales.projectId} = ${param("projectId")}::int) desc nulls last`,
			sql`abs(ln(${sales.sizeSqm} / ${param("sizeSqm")}::numeric))`,
			desc(sales.registeredAt),
			sales.id,
		)
		.limit(param("limit"))
		.prepare("find_comparables"),
);

/**
 * Arm's-length sales of the type and about the size, nearest first: of the project, then by size, then by day. At most
 * `limit` of the `found` ones.
 */
export async function findComparables(
	db: Database,
	params: EvidenceParams & SizeRange & { sizeSqm: number; projectId: number | null; limit: number },
): Promise<{ sales: ComparableSale[]; found: number }> {
	const sales = await comparablesQuery(db).execute({ ...params, areaIds: intArray(params.areaIds) });
	return { sales, found: sales[0]?.found ?? 0 };
}

export interface MarketFigures {
	/** Sales in the later part of the period. */
	sales: number;
	/** Medians of AED per square metre; null without sales. */
	medianPerSqm: number | null;
	earlierMedianPerSqm: number | null;
}

const marketQuery = prepared((db) => {
	const later = sql`${sales.registeredAt} >= ${param("split")}`;
	const earlier = sql`${sales.registeredAt} < ${param("split")}`;
	const median = sql`percentile_cont(0.5) within group (order by ${salePerSqm})`;
	return db
		.select({
			sales: sql<number>`count(*) filter (where ${later})`.mapWith(Number),
			medianPerSqm: sql<number | null>`${median} filter (where ${later})`,
			earlierMedianPerSqm: sql<number | null>`${median} filter (where ${earlier})`,
		})
		.from(sales)
		.where(comparableSales())
		.prepare("market_figures");
});

/** What the market of an area and type did, before and since the day `split`. */
export async function marketFigures(
	db: Database,
	params: EvidenceParams & { split: string },
): Promise<MarketFigures> {
	const [row] = await marketQuery(db).execute({ ...params, areaIds: intArray(params.areaIds) });
	return row ?? { sales: 0, medianPerSqm: null, earlierMedianPerSqm: null };
}

export interface RentFigures {
	contracts: number;
	/** Median of AED per square metre and year; null without contracts. */
	medianPerSqm: number | null;
}

const rentQuery = prepared((db) =>
	db
		.select({
			contracts: sql<number>`count(*)`.mapWith(Number),
			medianPerSqm: sql<
				number | null
			>`percentile_cont(0.5) within group (order by ${rentals.annualRent} / ${rentals.sizeSqm})`,
		})
		.from(rentals)
		.where(
			and(
				rentals.market,
				eq(rentals.kind, "new"),
				sql`${rentals.areaId} = any(${param("areaIds")}::int[])`,
				eq(rentals.propertyType, param("propertyType")),
				gte(rentals.startsOn, param("from")),
				lt(rentals.startsOn, param("before")),
				between(rentals.sizeSqm, param("minSizeSqm"), param("maxSizeSqm")),
			),
		)
		.prepare("rent_figures"),
);

/** New contracts only: what a tenant who comes today pays. Renewals lag behind the market by law. */
export async function rentFigures(db: Database, params: EvidenceParams & SizeRange): Promise<RentFigures> {
	const [row] = await rentQuery(db).execute({ ...params, areaIds: intArray(params.areaIds) });
	return row ?? { contracts: 0, medianPerSqm: null };
}
