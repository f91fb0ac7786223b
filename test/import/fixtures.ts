import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Files of one test file, removed with it. All rows in them are made up. */
export class Fixtures {
	readonly #folder = mkdtemp(join(tmpdir(), "retyn-import-"));
	#count = 0;

	async file(content: string | Uint8Array, name?: string): Promise<string> {
		const path = join(await this.#folder, name ?? `made-up-${++this.#count}.csv`);
		await writeFile(path, content);
		return path;
	}

	gzipped(content: string, name?: string): Promise<string> {
		return this.file(gzipSync(content), name);
	}

	async folder(): Promise<string> {
		return this.#folder;
	}

	async remove(): Promise<void> {
		await rm(await this.#folder, { recursive: true, force: true });
	}
}

const SALE = {
	TRANSACTION_NUMBER: "11-900001-2031",
	INSTANCE_DATE: "2031-02-03 10:11:12",
	GROUP_EN: "Sales",
	PROCEDURE_EN: "Sale",
	IS_OFFPLAN_EN: "Ready",
	IS_FREE_HOLD_EN: "Free Hold",
	USAGE_EN: "Residential",
	AREA_EN: "Sandgrouse Quarter",
	PROP_TYPE_EN: "Unit",
	PROP_SB_TYPE_EN: "Flat",
	TRANS_VALUE: "1000000.00",
	PROCEDURE_AREA: "80.00",
	ACTUAL_AREA: "80.00",
	ROOMS_EN: "1 B/R",
	PARKING: "P1-1",
	NEAREST_METRO_EN: "Dune Station",
	NEAREST_MALL_EN: "",
	NEAREST_LANDMARK_EN: "",
	TOTAL_BUYER: "",
	TOTAL_SELLER: "",
	MASTER_PROJECT_EN: "",
	PROJECT_EN: "Heron Court",
};

const RENT = {
	REGISTRATION_DATE: "2031-02-03 10:11:12",
	START_DATE: "2031-03-01 00:00:00",
	END_DATE: "2032-02-28 00:00:00",
	VERSION_EN: "New",
	AREA_EN: "Wadi Heron Third",
	CONTRACT_AMOUNT: "60000.00",
	ANNUAL_AMOUNT: "60000.00",
	IS_FREE_HOLD_EN: "Free Hold",
	ACTUAL_AREA: "80.00",
	PROP_TYPE_EN: "Unit",
	PROP_SUB_TYPE_EN: "Flat",
	ROOMS: "",
	USAGE_EN: "Residential",
	NEAREST_METRO_EN: "",
	NEAREST_MALL_EN: "",
	NEAREST_LANDMARK_EN: "",
	PARKING: "",
	TOTAL_PROPERTIES: "",
	MASTER_PROJECT_EN: "",
	PROJECT_EN: "Heron Court",
};

const PULSE_SALE = {
	transaction_id: "1-11-2031-900001",
	procedure_id: "11",
	trans_group_id: "1",
	trans_group_en: "Sales",
	procedure_name_en: "Sell",
	instance_date: "03/02/2031",
	property_type_id: "3",
	property_type_en: "Unit",
	property_sub_type_id: "60",
	property_sub_type_en: "Flat",
	property_usage_en: "Residential",
	reg_type_id: "1",
	reg_type_en: "Existing Properties",
	area_id: "1",
	area_name_en: "Wadi Heron Third",
	building_name_en: "Heron Court 1",
	project_number: "null",
	project_name_en: "Heron Court",
	master_project_en: "Heron Lakes",
	nearest_landmark_en: "",
	nearest_metro_en: "",
	nearest_mall_en: "",
	rooms_en: "1 B/R",
	has_parking: "1",
	procedure_area: "80",
	actual_worth: "1000000",
	meter_sale_price: "12500",
	rent_value: "null",
	meter_rent_price: "null",
	no_of_parties_role_1: "1",
	no_of_parties_role_2: "1",
	no_of_parties_role_3: "0",
};

/** The columns that the fuller export of Dubai Pulse adds. */
const PULSE_ARABIC = {
	trans_group_ar: "مبايعات",
	procedure_name_ar: "بيع",
	property_type_ar: "وحدة",
	property_sub_type_ar: "شقه سكنيه",
	property_usage_ar: "سكني",
	reg_type_ar: "العقارات القائمة",
	area_name_ar: "وادي",
	building_name_ar: "",
	project_name_ar: "",
	master_project_ar: "",
	nearest_landmark_ar: "",
	nearest_metro_ar: "",
	nearest_mall_ar: "",
	rooms_ar: "غرفة",
};

const PULSE_RENT = {
	contract_id: "CRT900000001",
	contract_reg_type_id: "2",
	contract_reg_type_en: "Renew",
	contract_start_date: "01-03-2031",
	contract_end_date: "28-02-2032",
	contract_amount: "60000",
	annual_amount: "60000",
	no_of_prop: "1",
	line_number: "1",
	is_free_hold: "1",
	ejari_bus_property_type_id: "2",
	ejari_bus_property_type_en: "Unit",
	ejari_property_type_id: "842.0",
	ejari_property_type_en: "Flat",
	ejari_property_sub_type_id: "1.0",
	ejari_property_sub_type_en: "1bed room+Hall",
	property_usage_en: "Residential",
	project_number: "",
	project_name_en: "",
	master_project_en: "",
	area_id: "1",
	area_name_en: "Wadi Heron Third",
	actual_area: "80.0",
	nearest_landmark_en: "",
	nearest_metro_en: "",
	nearest_mall_en: "",
	tenant_type_id: "1.0",
	tenant_type_en: "Person",
};

type Cells = Record<string, string>;

export const sale = (cells: Partial<typeof SALE> = {}): Cells => ({ ...SALE, ...cells });
export const rent = (cells: Partial<typeof RENT> = {}): Cells => ({ ...RENT, ...cells });
export const pulseSale = (cells: Partial<typeof PULSE_SALE> = {}): Cells => ({ ...PULSE_SALE, ...cells });
export const pulseSaleArabic = (cells: Partial<typeof PULSE_SALE> = {}): Cells => ({
	...PULSE_SALE,
	...PULSE_ARABIC,
	...cells,
});
export const pulseRent = (cells: Partial<typeof PULSE_RENT> = {}): Cells => ({ ...PULSE_RENT, ...cells });

/** CSV as the sources write it: cells are quoted where they must be. */
export function csv(rows: readonly Cells[], columns = Object.keys(rows[0] ?? {})): string {
	const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))];
	return `${lines.map((cells) => cells.map(quoteIfNeeded).join(",")).join("\n")}\n`;
}

/** As the website's "export" button writes it: a byte order mark, and every cell of a row quoted. */
export function quotedExport(rows: readonly Cells[]): string {
	const columns = Object.keys(rows[0] ?? {});
	const body = rows.map((row) =>
		columns.map((column) => `"${(row[column] ?? "").replaceAll('"', '""')}"`).join(","),
	);
	return `\uFEFF${[columns.join(","), ...body].join("\r\n")}\r\n`;
}

function quoteIfNeeded(cell: string): string {
	return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
