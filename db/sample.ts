import { type Clock, dubaiDay, systemClock } from "../src/lib/clock.ts";
import type { DatabaseHandle } from "./client.ts";
import { importRecords } from "./import/index.ts";
import { sampleRents } from "./sample/rents.ts";
import { type SampleOptions, sampleSales } from "./sample/sales.ts";

/** The seed of the market that a development server shows; docs/sample.md gives its figures. */
export const SAMPLE_SEED = 5;

interface FillOptions {
	seed?: number;
	/** The sample's last day, YYYY-MM-DD; today in Dubai if left out. */
	endDay?: string;
	clock?: Clock;
	/** Called with one plain sentence before each part. */
	onProgress?(text: string): void;
}

/**
 * Fills the database with the made-up market, through the ordinary import. Filling it again with the same seed and day
 * adds nothing; another day is for another database, as the sales' numbers are the same.
 *
 * @returns how many rows were loaded
 * @throws {ImportError} where official rows are: the two are not mixed
 * @throws {RangeError} for an `endDay` that is not a date
 */
export async function fillSample(
	handle: DatabaseHandle,
	options: FillOptions = {},
): Promise<{ sales: number; rentals: number }> {
	const { seed = SAMPLE_SEED, onProgress = () => {}, clock = systemClock } = options;
	const sample: SampleOptions = { seed, endDay: options.endDay ?? dubaiDay(clock()) };
	const period = `seven months to ${sample.endDay}, seed ${seed}`;
	onProgress("Loading made-up sales ...");
	const sales = await importRecords(handle, {
		format: "website-sales",
		source: "sample",
		file: `SAMPLE sales, ${period}`,
		records: sampleSales(sample),
	});
	onProgress("Loading made-up rental contracts ...");
	const rentals = await importRecords(handle, {
		format: "website-rents",
		source: "sample",
		file: `SAMPLE rental contracts, ${period}`,
		records: sampleRents(sample),
	});
	return { sales: sales.loaded, rentals: rentals.loaded };
}
