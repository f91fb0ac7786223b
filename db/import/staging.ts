import { hash } from "node:crypto";
import type { Connection } from "./connection.ts";
import type { LinkRow, RentalRow, SaleRow } from "./rows.ts";

/** What COPY takes for one column of one row. */
export type Value = string | number | boolean | undefined;

/** A temporary table that the file streams into; what is in it is nobody's until it is merged. */
export interface Staging<Row> {
	table: string;
	/** Name and type of each column, in the order of `values`. */
	columns: readonly (readonly [name: string, type: string])[];
	values(row: Row, line: number): Value[];
}

const NAMES = [
	["area_key", "text"],
	["area_name", "text"],
	["project_key", "text"],
	["project_name", "text"],
	["master_project", "text"],
	["property_class", "property_class"],
	["property_type", "text"],
	["usage", "text"],
	["freehold", "boolean"],
	["size_sqm", "numeric(14,2)"],
	["rooms", "smallint"],
] as const;

function nameValues(row: SaleRow | RentalRow): Value[] {
	return [
		row.area.key,
		row.area.name,
		row.project?.key,
		row.project?.name,
		row.masterProject,
		row.propertyClass,
		row.propertyType,
		row.usage,
		row.freehold,
		row.sizeSqm,
		row.rooms,
	];
}

export const stagedSales: Staging<SaleRow> = {
	table: "staged_sales",
	columns: [
		["line", "integer"],
		["group", "transaction_group"],
		["number", "text"],
		["registered_at", "timestamp(0)"],
		["procedure", "text"],
		["development_status", "development_status"],
		["price", "numeric(16,2)"],
		["procedure_size_sqm", "numeric(14,2)"],
		["rooms_label", "text"],
		...NAMES,
	],
	values: (row, line) => [
		line,
		row.group,
		row.number,
		row.registeredAt,
		row.procedure,
		row.developmentStatus,
		row.price,
		row.procedureSizeSqm,
		row.roomsLabel,
		...nameValues(row),
	],
};

export const stagedRentals: Staging<RentalRow> = {
	table: "staged_rentals",
	columns: [
		["line", "integer"],
		["content_hash", "uuid"],
		["registered_at", "timestamp(0)"],
		["starts_on", "date"],
		["ends_on", "date"],
		["kind", "contract_kind"],
		["annual_rent", "numeric(16,2)"],
		["contract_rent", "numeric(16,2)"],
		["units", "integer"],
		...NAMES,
	],
	values: (row, line) => [
		line,
		hash("sha256", row.identity, "hex").slice(0, 32),
		row.registeredAt,
		row.startsOn,
		row.endsOn,
		row.kind,
		row.annualRent,
		row.contractRent,
		row.units,
		...nameValues(row),
	],
};

export const stagedLinks: Staging<LinkRow> = {
	table: "staged_links",
	columns: [
		["line", "integer"],
		["sales_key", "text"],
		["sales_name", "text"],
		["rental_key", "text"],
		["rental_name", "text"],
		["share", "real"],
		["shared_projects", "integer"],
	],
	values: (row, line) => [
		line,
		row.salesArea.key,
		row.salesArea.name,
		row.rentalArea.key,
		row.rentalArea.name,
		row.share,
		row.sharedProjects,
	],
};

export async function createStaging<Row>(sql: Connection, staging: Staging<Row>): Promise<void> {
	const columns = staging.columns.map(([name, type]) => `"${name}" ${type}`).join(", ");
	await sql.unsafe(`create temp table ${staging.table} (${columns}) on commit drop`);
}
