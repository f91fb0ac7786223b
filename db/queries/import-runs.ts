import { and, asc, eq, gt, max } from "drizzle-orm";
import type { Database } from "../client.ts";
import { importRuns } from "../schema/index.ts";

/** What an import changed, so that what was answered before can be forgotten. */
export interface MarketChange {
	runId: number;
	touchedAreaIds: number[];
	salesNamesChanged: boolean;
	rentalNamesChanged: boolean;
}

/** The highest import run that was loaded; 0 before the first. */
export async function latestRun(db: Database): Promise<number> {
	const [row] = await db
		.select({ id: max(importRuns.id) })
		.from(importRuns)
		.where(eq(importRuns.status, "loaded"));
	return row?.id ?? 0;
}

/** What was loaded after the given run, oldest first. */
export function changesSince(db: Database, { runId }: { runId: number }): Promise<MarketChange[]> {
	return db
		.select({
			runId: importRuns.id,
			touchedAreaIds: importRuns.touchedAreaIds,
			salesNamesChanged: importRuns.salesNamesChanged,
			rentalNamesChanged: importRuns.rentalNamesChanged,
		})
		.from(importRuns)
		.where(and(eq(importRuns.status, "loaded"), gt(importRuns.id, runId)))
		.orderBy(asc(importRuns.id));
}
