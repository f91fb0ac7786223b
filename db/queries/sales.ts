import { and, asc, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { areas, projects, sales } from "../schema/index.ts";
import type { EvidenceRow } from "./evidence.ts";

/** An arm's-length sale with all that a model learns from, or is judged by. AED, square metres. */
export interface SaleRecord extends EvidenceRow {
	area: string;
	project: string | null;
	propertyType: string;
	procedure: string;
	/** Whether its price is one that comparables may have. */
	plausible: boolean;
}

/** All arm's-length sales of the period, ascending by instant of registration. Days are YYYY-MM-DD, `before` excluded. */
export function armsLengthSales(
	db: Database,
	{ from, before }: { from?: string; before?: string } = {},
): Promise<SaleRecord[]> {
	return db
		.select({
			id: sales.id,
			day: sql<number>`${sales.registeredAt}::date - date '1970-01-01'`,
			price: sql<number>`${sales.price}::float8`,
			sizeSqm: sql<number>`${sales.sizeSqm}::float8`,
			rooms: sales.rooms,
			ready: sql<boolean>`${sales.developmentStatus} = 'Ready'`,
			areaId: sales.areaId,
			area: areas.name,
			projectId: sales.projectId,
			project: projects.name,
			propertyType: sales.propertyType,
			procedure: sales.procedure,
			plausible: sql<boolean>`${sales.evidence} is not null`,
		})
		.from(sales)
		.innerJoin(areas, eq(areas.id, sales.areaId))
		.leftJoin(projects, eq(projects.id, sales.projectId))
		.where(
			and(
				sales.armsLength,
				from ? gte(sales.registeredAt, from) : undefined,
				before ? lt(sales.registeredAt, before) : undefined,
			),
		)
		.orderBy(asc(sales.registeredAt), asc(sales.id));
}
