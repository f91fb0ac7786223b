import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prepared } from "../prepared.ts";
import { marketMonths as view } from "../schema/index.ts";

export interface MarketMonth {
	/** Its first day, YYYY-MM-DD. */
	month: string;
	sales: number;
	/** AED per square metre. Of several areas the mean of their medians by their sales. */
	medianPerSqm: number;
}

export interface MonthsWanted {
	areaIds: readonly number[];
	propertyType: string;
	/** First days of two months: the last one, and the one before. */
	months: readonly [string, string];
}

const query = prepared((db) =>
	db
		.select({
			place: sql<number>`wanted.place`.mapWith(Number),
			month: sql<string>`to_char(${view.month}, 'YYYY-MM-DD')`,
			sales: sql<number>`sum(${view.sales})`.mapWith(Number),
			medianPerSqm: sql<number>`sum(${view.medianPerSqm} * ${view.sales}) / sum(${view.sales})`.mapWith(
				Number,
			),
		})
		.from(
			sql`jsonb_to_recordset(${sql.placeholder("wanted")}::text::jsonb)
				as wanted(place int, of_area int, of_type text, of_month date)
				join ${view} on ${view.areaId} = wanted.of_area and ${view.propertyType} = wanted.of_type
					and ${view.month} = wanted.of_month`,
		)
		.groupBy(sql`wanted.place`, view.month)
		.prepare("market_months"),
);

/** What the market of each one wanted did in its two months. */
export async function marketMonths(
	db: Database,
	wanted: readonly MonthsWanted[],
): Promise<{ last: MarketMonth | undefined; before: MarketMonth | undefined }[]> {
	const rows = await query(db).execute({
		wanted: JSON.stringify(
			wanted.flatMap(({ areaIds, propertyType, months }, place) =>
				areaIds.flatMap((of_area) =>
					months.map((month) => ({ place, of_area, of_type: propertyType, of_month: month })),
				),
			),
		),
	});
	const found = new Map(rows.map(({ place, ...row }) => [`${place} ${row.month}`, row]));
	return wanted.map(({ months: [last, before] }, place) => ({
		last: found.get(`${place} ${last}`),
		before: found.get(`${place} ${before}`),
	}));
}
