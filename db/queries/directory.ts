import { eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { areaLinks, areas, projects, sales } from "../schema/index.ts";
import { marketVersion } from "./market-changes.ts";

export interface DirectoryRows {
	areas: { id: number; name: string; key: string; aliases: string[]; sold: boolean }[];
	links: { salesAreaId: number; rentalAreaId: number }[];
	projects: { id: number; areaId: number; name: string; key: string }[];
	/** Property types of registered sales. */
	saleTypes: string[];
	/** The data version that all of this is of. */
	version: number;
	/** The day of the last sale, YYYY-MM-DD. */
	dataThrough: string | null;
	/** Whether the market is the made-up one. */
	sample: boolean;
}

/** Names and how they hang together: small, asked for by every request, so kept in memory by its reader. */
export async function loadDirectory(db: Database): Promise<DirectoryRows> {
	// One snapshot, so that an import that commits meanwhile is seen whole or not at all.
	return db.transaction(
		async (tx) => {
			const areaRows = await tx
				.select({
					id: areas.id,
					name: areas.name,
					key: areas.key,
					aliases: areas.aliases,
					// Written out: in a select from one table Drizzle leaves the table's name off, and `id` would be the sale's.
					sold: sql<boolean>`exists (select 1 from sales s where s.area_id = areas.id and s.arms_length)`,
				})
				.from(areas);
			const links = await tx
				.select({ salesAreaId: areaLinks.salesAreaId, rentalAreaId: areaLinks.rentalAreaId })
				.from(areaLinks);
			const projectRows = await tx
				.select({ id: projects.id, areaId: projects.areaId, name: projects.name, key: projects.key })
				.from(projects);
			const types = await tx
				.selectDistinct({ name: sales.propertyType })
				.from(sales)
				.where(eq(sales.group, "sale"));
			const [last] = await tx
				.select({ day: sql<string | null>`to_char(max(${sales.registeredAt}), 'YYYY-MM-DD')` })
				.from(sales)
				.where(eq(sales.armsLength, true));
			const [sample] = await tx
				.select({ id: sales.id })
				.from(sales)
				.where(eq(sales.source, "sample"))
				.limit(1);
			return {
				areas: areaRows,
				links,
				projects: projectRows,
				saleTypes: types.map((type) => type.name),
				version: await marketVersion(tx),
				dataThrough: last?.day ?? null,
				sample: sample !== undefined,
			};
		},
		{ isolationLevel: "repeatable read", accessMode: "read only" },
	);
}
