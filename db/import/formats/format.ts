import type { Cell } from "../cells.ts";
import type { LinkRow, RentalRow, SaleRow } from "../rows.ts";
import type { FormatName, Source } from "../summary.ts";

interface FormatBase<Kind extends string, Row> {
	name: FormatName;
	/** For people: where such a file comes from. */
	title: string;
	kind: Kind;
	/** Column names in upper case. A file that lacks one of these is not of this format. */
	required: readonly string[];
	/** Columns that are read when they are there. */
	optional: readonly string[];
	/** @throws {Rejection} for a row that cannot be used */
	read(cell: Cell): Row;
}

export type SalesFormat = FormatBase<"sales", SaleRow> & { source: Source };
export type RentalsFormat = FormatBase<"rentals", RentalRow> & { source: Source };
export type LinksFormat = FormatBase<"links", LinkRow>;
export type Format = SalesFormat | RentalsFormat | LinksFormat;
