import { asc, eq, exists, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { areas, rentals, sales } from "../schema/index.ts";

export type NamesOf = "sales" | "rentals";

/** Names of the areas in which something was sold, or let: one spelling each, sorted regardless of letter case. */
export async function listAreaNames(db: Database, { of }: { of: NamesOf }): Promise<string[]> {
	const rows = await (of === "sales" ? areasOfSales(db) : areasOfRentals(db));
	return rows.map((row) => row.name);
}

/** Names of the property types that were sold, or let. */
export async function listPropertyTypes(db: Database, { of }: { of: NamesOf }): Promise<string[]> {
	const rows = await (of === "sales"
		? db
				.selectDistinct({ name: sales.propertyType })
				.from(sales)
				.where(eq(sales.group, "sale"))
				.orderBy(asc(sales.propertyType))
		: db.selectDistinct({ name: rentals.propertyType }).from(rentals).orderBy(asc(rentals.propertyType)));
	return rows.map((row) => row.name);
}

function areasOfSales(db: Database) {
	const sold = db
		.select({ one: sql`1` })
		.from(sales)
		.where(sql`${sales.areaId} = ${areas.id} and ${sales.group} = 'sale'`);
	return db.select({ name: areas.name }).from(areas).where(exists(sold)).orderBy(asc(areas.key));
}

function areasOfRentals(db: Database) {
	const let_ = db.select({ one: sql`1` }).from(rentals).where(sql`${rentals.areaId} = ${areas.id}`);
	return db.select({ name: areas.name }).from(areas).where(exists(let_)).orderBy(asc(areas.key));
}
