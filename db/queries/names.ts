import { and, asc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { marketNames } from "../schema/index.ts";

export type NamesOf = "sales" | "rentals";

/** Names of the areas in which something was sold, or let: one spelling each, sorted regardless of letter case. */
export function listAreaNames(db: Database, { of }: { of: NamesOf }): Promise<string[]> {
	return list(db, of, "area");
}

/** Names of the property types that were sold, or let. */
export function listPropertyTypes(db: Database, { of }: { of: NamesOf }): Promise<string[]> {
	return list(db, of, "property-type");
}

async function list(db: Database, side: NamesOf, kind: "area" | "property-type"): Promise<string[]> {
	const rows = await db
		.select({ name: marketNames.name })
		.from(marketNames)
		.where(and(eq(marketNames.side, side), eq(marketNames.kind, kind)))
		.orderBy(asc(marketNames.key));
	return rows.map((row) => row.name);
}
