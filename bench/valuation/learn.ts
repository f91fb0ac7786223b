import type { Database } from "../../db/client.ts";
import type { saveModel } from "../../db/queries/models.ts";
import { lastRentKnown, marketRents } from "../../db/queries/rents.ts";
import { armsLengthSales } from "../../db/queries/sales.ts";
import { dubaiDay } from "../../src/lib/clock.ts";
import { dayOfNumber, daysBefore } from "../../src/lib/days.ts";
import { CALIBRATION_DAYS, calibrateRents } from "../../src/rents/calibrate.ts";
import { evidenceOf } from "../../src/valuation/accuracy.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { encodeModel } from "../../src/valuation/model-codec.ts";
import { trainModel } from "../../src/valuation/training/train.ts";

/**
 * Trains a model as `bun run model train` does, but for the study of its accuracy, which takes as long again and
 * changes nothing about how fast it values. Gives it back as it is to be saved.
 */
export async function learnModel(db: Database): Promise<Parameters<typeof saveModel>[1]> {
	const version = `${METHOD}-bench`;
	const model = trainModel(evidenceOf(await armsLengthSales(db)), { version });
	const last = await lastRentKnown(db, dubaiDay(Date.now()));
	const rents =
		last === null
			? undefined
			: calibrateRents(await marketRents(db, { from: daysBefore(last, CALIBRATION_DAYS - 1) }));
	return {
		version,
		method: METHOD,
		dataFrom: dayOfNumber(model.dataFrom),
		dataThrough: dayOfNumber(model.dataThrough),
		sales: model.sales,
		model: encodeModel({ ...model, rents }),
	};
}
