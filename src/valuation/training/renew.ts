import type { Database } from "../../../db/client.ts";
import { saveModel } from "../../../db/queries/models.ts";
import { lastRentKnown, marketRents } from "../../../db/queries/rents.ts";
import { armsLengthSales, type SaleRecord } from "../../../db/queries/sales.ts";
import { dubaiDay } from "../../lib/clock.ts";
import { dayOfNumber, daysBefore } from "../../lib/days.ts";
import type { Report } from "../../ratio-study/study.ts";
import { CALIBRATION_DAYS, calibrateRents } from "../../rents/calibrate.ts";
import type { RentCalibration } from "../../rents/calibration.ts";
import { evidenceOf, studyAccuracy } from "../accuracy.ts";
import { METHOD, type Model } from "../model.ts";
import { decodeModel, encodeModel } from "../model-codec.ts";
import { trainModel } from "./train.ts";

/** The days before the last sale that a model's accuracy is measured on. */
const STUDIED_DAYS = 31;

export interface Renewed {
	readonly model: Model;
	/** Undefined where the last days hold no home that could be tested. */
	readonly accuracy: Report | undefined;
}

/**
 * Trains a model on all sales in the database and puts it to use, with its accuracy: that of a model which was trained on
 * the sales before the last month, on those of the last month. Takes one to two minutes for a hundred thousand sales.
 *
 * @param now makes the version
 * @returns undefined when there are no sales
 */
export async function renewModel(db: Database, now: Date): Promise<Renewed | undefined> {
	const today = dubaiDay(now.getTime());
	// A day in the future is a slip of the pen, and must not make all others old.
	const records = await armsLengthSales(db, { before: daysBefore(today, -1) });
	const last = records.at(-1)?.day;
	if (last === undefined) return undefined;
	const version = `${METHOD}-${now.toISOString().slice(0, 19).replace(/\D/g, "")}`;
	const model = { ...trainModel(evidenceOf(records), { version }), rents: await learnRents(db, today) };
	const accuracy = studyOf(records, last);
	const row = rowOf(model);
	// What could not be read again would be found out by the servers.
	decodeModel(JSON.parse(JSON.stringify(row.model)));
	await saveModel(db, { ...row, ...(accuracy && { accuracy }) });
	return { model, accuracy };
}

/** A model as it is kept in the database. */
export function rowOf(model: Model): Parameters<typeof saveModel>[1] {
	return {
		version: model.version,
		method: METHOD,
		dataFrom: dayOfNumber(model.dataFrom),
		dataThrough: dayOfNumber(model.dataThrough),
		sales: model.sales,
		model: encodeModel(model),
	};
}

/** From the contracts that were new in the last year and two months. */
export async function learnRents(db: Database, today: string): Promise<RentCalibration | undefined> {
	const last = await lastRentKnown(db, today);
	if (last === null) return undefined;
	return calibrateRents(
		await marketRents(db, {
			from: daysBefore(last, CALIBRATION_DAYS - 1),
			before: daysBefore(last, -1),
		}),
	);
}

function studyOf(records: readonly SaleRecord[], last: number): Report | undefined {
	try {
		return studyAccuracy(records, { testFrom: last - STUDIED_DAYS + 1, testTo: last });
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}
