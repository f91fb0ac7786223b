import type { Sql } from "postgres";
import type { Database } from "../../db/client.ts";
import {
	areaLinks,
	areas,
	importRuns,
	marketMonths,
	marketNames,
	projects,
	rentals,
	sales,
} from "../../db/schema/index.ts";
import { nameKey } from "../../src/lib/name-key.ts";

/** The day after the last sale of the small market below. */
export const MARKET_DAY = "2026-08-01";

export interface SmallMarket {
	runId: number;
	areaIds: Record<"businessBay" | "jvc" | "barshaSouth" | "mirdif" | "thin", number>;
	towerId: number;
}

/**
 * A made-up market that is small enough to know by heart: flats in Business Bay around 25,000 AED/m2 (in "Test Tower"
 * exactly 30,000), studios in JVC around 15,000, villas in Mirdif around 12,000, one lone flat in Thin Place, and one
 * plot of land. Rents of JVC are registered under Al Barsha South Fourth.
 */
export async function seedSmallMarket(
	db: Database,
	source: "website" | "sample" = "website",
): Promise<SmallMarket> {
	const [run] = await db
		.insert(importRuns)
		.values({ file: "small.csv", status: "loaded", format: "website-sales" })
		.returning();
	const runId = idOf(run);
	const area = async (name: string, aliases: string[] = []) =>
		idOf(
			(
				await db
					.insert(areas)
					.values({ name, key: nameKey(name), aliases })
					.returning()
			)[0],
		);
	const areaIds = {
		businessBay: await area("Business Bay"),
		jvc: await area("JUMEIRAH VILLAGE CIRCLE", ["jvc"]),
		barshaSouth: await area("Al Barsha South Fourth"),
		mirdif: await area("Mirdif"),
		thin: await area("Thin Place"),
	};
	await db
		.insert(areaLinks)
		.values({ salesAreaId: areaIds.jvc, rentalAreaId: areaIds.barshaSouth, share: 1, sharedProjects: 3 });
	const [tower] = await db
		.insert(projects)
		.values({ areaId: areaIds.businessBay, name: "Test Tower", key: "test tower" })
		.returning();
	const towerId = idOf(tower);

	const sale = (index: number, values: Partial<typeof sales.$inferInsert>): typeof sales.$inferInsert => ({
		group: "sale",
		number: `11-2026-${index}`,
		registeredAt: dayOf(index),
		procedure: "Sale",
		areaId: areaIds.businessBay,
		propertyClass: "unit",
		propertyType: "Flat",
		developmentStatus: "Ready",
		armsLength: true,
		source,
		importRunId: runId,
		...values,
	});
	const priced = (sizeSqm: number, perSqm: number) => ({ sizeSqm, price: Math.round(sizeSqm * perSqm) });
	const rows: (typeof sales.$inferInsert)[] = [];
	for (let index = 0; index < 40; index += 1) {
		const noise = ((index * 7) % 11) * 0.01 - 0.05;
		const odd = index % 2;
		rows.push(
			sale(1000 + index, { ...priced(60 + (index % 20), 25_000 * (1 + noise)), rooms: 1 + odd }),
			sale(2000 + index, { ...priced(70 + (index % 3), 30_000), rooms: 1, projectId: towerId }),
			sale(3000 + index, {
				...priced(38 + (index % 6), 15_000 * (1 + noise)),
				areaId: areaIds.jvc,
				rooms: 0,
				developmentStatus: odd ? "Ready" : "Off-Plan",
			}),
			sale(4000 + index, {
				...priced(300 + index, 12_000 * (1 + noise)),
				areaId: areaIds.mirdif,
				propertyClass: "villa",
				propertyType: "Villa",
				rooms: 4,
			}),
		);
	}
	rows.push(
		sale(5000, { ...priced(70, 20_000), areaId: areaIds.thin, rooms: 1 }),
		sale(6000, {
			...priced(900, 3_000),
			areaId: areaIds.mirdif,
			propertyClass: "land",
			propertyType: "Land",
		}),
		sale(6001, { ...priced(70, 9_000), armsLength: false, nonMarketReason: "part-share" }),
	);
	await db.insert(sales).values(rows);

	const rent = (index: number, areaId: number, sizeSqm: number): typeof rentals.$inferInsert => ({
		contentHash: crypto.randomUUID(),
		registeredAt: dayOf(index),
		startsOn: dayOf(index).slice(0, 10),
		endsOn: "2027-07-30",
		kind: "new",
		areaId,
		propertyClass: "unit",
		propertyType: "Flat",
		sizeSqm,
		annualRent: sizeSqm * 1_500,
		market: true,
		source,
		importRunId: runId,
	});
	await db
		.insert(rentals)
		.values(
			Array.from({ length: 20 }, (_, index) => [
				rent(index, areaIds.businessBay, 65 + index),
				rent(index, areaIds.barshaSouth, 36 + (index % 8)),
			]).flat(),
		);
	await db.refreshMaterializedView(marketNames);
	await db.refreshMaterializedView(marketMonths);
	return { runId, areaIds, towerId };
}

/**
 * A sale more, written by a program that knows nothing of us but the tables.
 *
 * @returns its number
 */
export async function registerSale(
	sql: Sql,
	{
		areaId,
		perSqm = 25_000,
		propertyType = "Flat",
	}: { areaId: number; perSqm?: number; propertyType?: string },
): Promise<string> {
	const number = `11-2026-${crypto.randomUUID()}`;
	await sql`insert into sales ("group", number, registered_at, procedure, area_id, property_class, property_type,
			development_status, price, size_sqm, rooms, arms_length, source, import_run_id)
		values ('sale', ${number}, '2026-07-31 10:00:00', 'Sale', ${areaId}, 'unit', ${propertyType}, 'Ready',
			${70 * perSqm}, 70, 1, true, 'website', 0)`;
	return number;
}

/** A time of day within the 60 days before `MARKET_DAY`. */
function dayOf(index: number): string {
	const day = new Date(Date.parse(MARKET_DAY) - (1 + (index % 60)) * 24 * 60 * 60 * 1000);
	return `${day.toISOString().slice(0, 10)} 12:00:00`;
}

function idOf(row: { id: number } | undefined): number {
	if (!row) throw new Error("nothing was inserted");
	return row.id;
}
