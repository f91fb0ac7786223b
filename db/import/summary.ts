export type FormatName = "website-sales" | "website-rents" | "pulse-sales" | "pulse-rents" | "area-crosswalk";
export type Source = "website" | "pulse" | "sample";

/** How many rows, by reason. */
export type Counts = Record<string, number>;

/** What one import did. `read` is the sum of `loaded`, `updated`, `alreadyThere` and all of `rejected`. */
export interface ImportSummary {
	runId: number;
	/** The file's own name, without its folder. */
	file: string;
	format: FormatName;
	read: number;
	loaded: number;
	/** Rows known before of which a value was corrected or filled in. */
	updated: number;
	/** Rows known before, and repetitions within the file. */
	alreadyThere: number;
	rejected: Counts;
	/** Rows among the loaded and updated ones that say nothing about the open market, by reason. */
	nonMarket: Counts;
	/** Made-up rows that the first official file drove out. */
	sampleRemoved?: { sales: number; rentals: number };
	/** Areas of which a row, or the link to their rental side, was added, changed or removed; ascending. */
	touchedAreaIds: number[];
}

/** Whether anything that was answered before can be out of date. */
export function changedSomething(summary: ImportSummary): boolean {
	return summary.touchedAreaIds.length > 0 || summary.sampleRemoved !== undefined;
}

/** What the merging of rows answers. */
export interface MergeCounts {
	loaded: number;
	updated: number;
	alreadyThere: number;
	nonMarket: Counts;
}
