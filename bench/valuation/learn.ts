import type { Database } from "../../db/client.ts";
import type { saveModel } from "../../db/queries/models.ts";
import { armsLengthSales } from "../../db/queries/sales.ts";
import { dubaiDay, systemClock } from "../../src/lib/clock.ts";
import { evidenceOf } from "../../src/valuation/accuracy.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { learnRents, rowOf } from "../../src/valuation/training/renew.ts";
import { trainModel } from "../../src/valuation/training/train.ts";

/**
 * Trains a model as `bun run model train` does, but for the study of its accuracy, which takes as long again and
 * changes nothing about how fast it values. Gives it back as it is to be saved.
 */
export async function learnModel(db: Database): Promise<Parameters<typeof saveModel>[1]> {
	const model = trainModel(evidenceOf(await armsLengthSales(db)), { version: `${METHOD}-bench` });
	return rowOf({ ...model, rents: await learnRents(db, dubaiDay(systemClock())) });
}
