import type { Database } from "../../db/client.ts";
import { saveModel } from "../../db/queries/models.ts";
import { armsLengthSales } from "../../db/queries/sales.ts";
import { areas, importRuns, marketMonths, marketNames, projects, sales } from "../../db/schema/index.ts";
import { dayOfNumber } from "../../src/lib/days.ts";
import { evidenceOf } from "../../src/valuation/accuracy.ts";
import type { TypedSale } from "../../src/valuation/history.ts";
import { METHOD, type Model } from "../../src/valuation/model.ts";
import { encodeModel } from "../../src/valuation/model-codec.ts";
import { SEGMENTS } from "../../src/valuation/segment.ts";
import { trainModel } from "../../src/valuation/training/train.ts";
import { madeMarket } from "../valuation/made-sales.ts";

const ROWS_AT_ONCE = 1_000;

/**
 * The market of `madeMarket` in the database: flats of the projects "Made Project 1" to 10, which lie in "Made Area 1" to 3,
 * the last of them sold the day before `MARKET_DAY`. The database must be empty.
 *
 * @returns the sales as a model is trained on them
 */
export async function seedMadeMarket(
	db: Database,
	options?: Parameters<typeof madeMarket>[0],
): Promise<TypedSale[]> {
	const made = madeMarket(options);
	const [run] = await db
		.insert(importRuns)
		.values({ file: "made.csv", status: "loaded", format: "website-sales" })
		.returning();
	const areaRows = await db
		.insert(areas)
		.values([1, 2, 3].map((n) => ({ name: `Made Area ${n}`, key: `made area ${n}` })))
		.returning();
	const projectRows = await db
		.insert(projects)
		.values(
			Array.from({ length: 10 }, (_, index) => ({
				areaId: areaRows[index % 3]?.id ?? 0,
				name: `Made Project ${index + 1}`,
				key: `made project ${index + 1}`,
			})),
		)
		.returning();
	const rows = made.map((sale, index): typeof sales.$inferInsert => ({
		group: "sale",
		number: `11-2026-${index}`,
		registeredAt: `${dayOfNumber(sale.day)} 12:00:00`,
		procedure: "Sale",
		areaId: areaRows[sale.areaId - 1]?.id ?? 0,
		projectId: sale.projectId === null ? null : (projectRows[sale.projectId - 1]?.id ?? 0),
		propertyClass: "unit",
		propertyType: sale.propertyType,
		developmentStatus: sale.ready ? "Ready" : "Off-Plan",
		price: sale.price,
		sizeSqm: sale.sizeSqm,
		rooms: sale.rooms,
		armsLength: true,
		source: "website",
		importRunId: run?.id ?? 0,
	}));
	for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
		await db.insert(sales).values(rows.slice(from, from + ROWS_AT_ONCE));
	}
	await db.refreshMaterializedView(marketNames);
	await db.refreshMaterializedView(marketMonths);
	return evidenceOf(await armsLengthSales(db));
}

/** Keeps a model and puts it to use, as training does. */
export function putToUse(db: Database, model: Model, accuracy?: unknown): Promise<void> {
	return saveModel(db, {
		version: model.version,
		method: METHOD,
		dataFrom: dayOfNumber(model.dataFrom),
		dataThrough: dayOfNumber(model.dataThrough),
		sales: model.sales,
		accuracy,
		model: encodeModel(model),
	});
}

/** A model that has learned nothing but by how much prices rise in 30 days: so its values tell it from another. */
export function risingModel(version: string, month: number): Model {
	const rates = Object.fromEntries(SEGMENTS.map((segment) => [segment, { size: 0, month }]));
	return { ...trainModel([], { version }), rates: rates as Model["rates"] };
}

/** A row that is no model, put to use. */
export function putDamagedToUse(db: Database, version: string): Promise<void> {
	return saveModel(db, {
		version,
		method: METHOD,
		dataFrom: "2026-01-01",
		dataThrough: "2026-07-31",
		sales: 1,
		model: { version, rates: {} },
	});
}
