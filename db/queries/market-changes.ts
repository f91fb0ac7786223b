import { and, asc, desc, gt, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prepared } from "../prepared.ts";
import { marketChanges, marketState } from "../schema/index.ts";

/** What changed in the market, so that what was answered before can be forgotten. */
export interface MarketChange {
	/** Of the data once it was made. */
	version: number;
	/** The rows did not change, but what is made of them was brought up to date. */
	ofViews: boolean;
	everything: boolean;
	areaIds: number[];
	salesNamesChanged: boolean;
	rentalNamesChanged: boolean;
}

const latest = prepared((db) =>
	db
		.select({ version: marketChanges.version })
		.from(marketChanges)
		.where(isNotNull(marketChanges.version))
		.orderBy(desc(marketChanges.version))
		.limit(1)
		.prepare("market_version"),
);

/** The data version: that of the last change. Whatever is read after this is of this version or a later one. */
export async function marketVersion(db: Database): Promise<number> {
	const [row] = await latest(db).execute();
	return row?.version ?? 0;
}

export interface MarketHead {
	/** Which database this is: another one may have the same versions. */
	epoch: string;
	/** The data version. */
	version: number;
	/** Changes up to this version are not known any more. */
	clearedVersion: number;
}

export async function marketHead(db: Database): Promise<MarketHead> {
	const [row] = await db
		.select({
			epoch: marketState.epoch,
			version: sql<number>`coalesce((select max(${marketChanges.version}) from ${marketChanges}), 0)`.mapWith(
				Number,
			),
			clearedVersion: marketState.clearedVersion,
		})
		.from(marketState);
	if (!row) throw new Error("The table market_state has lost its row");
	return row;
}

/** What changed after the given version, in the order of commits. */
export function changesSince(db: Database, { version }: { version: number }): Promise<MarketChange[]> {
	return db
		.select({
			version: sql<number>`${marketChanges.version}`.mapWith(Number),
			ofViews: marketChanges.ofViews,
			everything: marketChanges.everything,
			areaIds: marketChanges.areaIds,
			salesNamesChanged: marketChanges.salesNamesChanged,
			rentalNamesChanged: marketChanges.rentalNamesChanged,
		})
		.from(marketChanges)
		.where(and(isNotNull(marketChanges.version), gt(marketChanges.version, version)))
		.orderBy(asc(marketChanges.version));
}
