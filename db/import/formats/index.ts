import { ImportError } from "../errors.ts";
import type { FormatName } from "../summary.ts";
import { areaCrosswalk } from "./area-crosswalk.ts";
import type { Format } from "./format.ts";
import { pulseRents } from "./pulse-rents.ts";
import { pulseSales } from "./pulse-sales.ts";
import { websiteRents } from "./website-rents.ts";
import { websiteSales } from "./website-sales.ts";

const FORMATS: readonly Format[] = [websiteSales, websiteRents, pulseSales, pulseRents, areaCrosswalk];

/** A column's name as all formats are written here: without case, quotes, byte order mark or stray space. */
export function columnName(text: string): string {
	return text
		.replace(/^\uFEFF/, "")
		.trim()
		.replace(/^"|"$/g, "")
		.trim()
		.replace(/[\s-]+/g, "_")
		.toUpperCase();
}

/**
 * The format whose required columns are all there; unknown columns do not matter.
 *
 * @throws {ImportError} naming the known formats and what is missing from the nearest one
 */
export function recognise(columns: readonly string[], file: string): Format {
	const missing = (format: Format) => format.required.filter((column) => !columns.includes(column));
	const found = FORMATS.find((format) => missing(format).length === 0);
	if (found) {
		const twice = [...found.required, ...found.optional].find(
			(column) => columns.indexOf(column) !== columns.lastIndexOf(column),
		);
		if (twice) throw new ImportError(`${file} names the column ${twice} twice.`);
		return found;
	}
	const titles = FORMATS.map((format) => `${format.name} (${format.title})`).join(", ");
	const nearest = FORMATS.map((format) => ({ format, lacks: missing(format) }))
		.filter(({ format, lacks }) => lacks.length < format.required.length)
		.sort((a, b) => a.lacks.length / a.format.required.length - b.lacks.length / b.format.required.length)[0];
	throw new ImportError(
		nearest
			? `${file} is of no known format: it is nearest to ${nearest.format.name} but lacks ${nearest.lacks.join(", ")}; known are ${titles}.`
			: `${file} is of no known format: its first line holds none of the columns of ${titles}.`,
	);
}

export function websiteFormat(name: Extract<FormatName, "website-sales" | "website-rents">) {
	return name === "website-sales" ? websiteSales : websiteRents;
}
