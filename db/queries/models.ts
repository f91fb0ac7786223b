import { and, desc, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { valuationModels } from "../schema/index.ts";

export interface ModelRow {
	version: string;
	/** Days in Dubai, YYYY-MM-DD. */
	dataFrom: string;
	dataThrough: string;
	/** Plain JSON. */
	model: unknown;
}

const { version, method, usedSince } = valuationModels;

/** The version of the model of this method that was put to use last; undefined before any. */
export async function modelInUse(db: Database, of: string): Promise<string | undefined> {
	const [row] = await db
		.select({ version })
		.from(valuationModels)
		.where(eq(method, of))
		.orderBy(desc(usedSince), desc(version))
		.limit(1);
	return row?.version;
}

export async function loadModel(db: Database, wanted: string): Promise<ModelRow | undefined> {
	const [row] = await db.select().from(valuationModels).where(eq(version, wanted));
	return row;
}

/** Its ratio study, plain JSON; undefined where there is none. */
export async function modelAccuracy(db: Database, wanted: string): Promise<unknown> {
	const [row] = await db
		.select({ accuracy: valuationModels.accuracy })
		.from(valuationModels)
		.where(eq(version, wanted));
	return row?.accuracy ?? undefined;
}

/** Keeps a model, puts it to use, and tells the instances that listen. */
export async function saveModel(
	db: Database,
	row: ModelRow & { method: string; sales: number; accuracy?: unknown },
): Promise<void> {
	await db.transaction(async (tx) => {
		await tx.insert(valuationModels).values(row);
		await announce(tx, row.version);
	});
}

/** Puts an earlier model to use again. False when there is none of that version and method. */
export async function putModelToUse(db: Database, wanted: string, of: string): Promise<boolean> {
	return db.transaction(async (tx) => {
		const rows = await tx
			.update(valuationModels)
			.set({ usedSince: sql`clock_timestamp()` })
			.where(and(eq(version, wanted), eq(method, of)))
			.returning({ version });
		if (rows.length > 0) await announce(tx, wanted);
		return rows.length > 0;
	});
}

async function announce(db: Pick<Database, "execute">, wanted: string): Promise<void> {
	await db.execute(sql`select pg_notify('retyn_model', ${wanted})`);
}

export interface ModelSummary {
	version: string;
	trainedAt: Date;
	dataFrom: string;
	dataThrough: string;
	sales: number;
}

/** Those of the method, the one in use first. */
export function listModels(db: Database, of: string): Promise<ModelSummary[]> {
	const { trainedAt, dataFrom, dataThrough, sales } = valuationModels;
	return db
		.select({ version, trainedAt, dataFrom, dataThrough, sales })
		.from(valuationModels)
		.where(eq(method, of))
		.orderBy(desc(usedSince), desc(version));
}
