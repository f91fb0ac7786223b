import { amount, instant, needed } from "../cells.ts";
import { Rejection } from "../errors.ts";
import { nameOf, optionalName } from "../names.ts";
import { roomsOf, soldProperty } from "../property.ts";
import type { SalesFormat } from "./format.ts";
import { GROUPS, meaning, STATUSES } from "./words.ts";

/** Dubai Pulse, "Transactions", with and without the Arabic columns. It knows one size only, that of the procedure. */
export const pulseSales: SalesFormat = {
	name: "pulse-sales",
	title: "transactions from Dubai Pulse",
	kind: "sales",
	source: "pulse",
	required: [
		"TRANSACTION_ID",
		"TRANS_GROUP_EN",
		"PROCEDURE_NAME_EN",
		"INSTANCE_DATE",
		"PROPERTY_TYPE_EN",
		"PROPERTY_SUB_TYPE_EN",
		"REG_TYPE_EN",
		"AREA_NAME_EN",
		"PROCEDURE_AREA",
		"ACTUAL_WORTH",
	],
	optional: ["PROPERTY_USAGE_EN", "PROJECT_NAME_EN", "MASTER_PROJECT_EN", "ROOMS_EN"],
	read(cell) {
		const property = soldProperty(cell("PROPERTY_TYPE_EN"), cell("PROPERTY_SUB_TYPE_EN"));
		const size = amount(cell("PROCEDURE_AREA"), "size");
		return {
			group: meaning(GROUPS, cell("TRANS_GROUP_EN"), "group"),
			number: canonicalNumber(needed(cell("TRANSACTION_ID"), "number")),
			registeredAt: instant(needed(cell("INSTANCE_DATE"), "date"), "date"),
			procedure: nameOf(needed(cell("PROCEDURE_NAME_EN"), "procedure")).name,
			area: nameOf(needed(cell("AREA_NAME_EN"), "area")),
			project: optionalName(cell("PROJECT_NAME_EN")),
			masterProject: optionalName(cell("MASTER_PROJECT_EN"))?.name,
			...property,
			usage: optionalName(cell("PROPERTY_USAGE_EN"))?.name,
			developmentStatus: meaning(STATUSES, cell("REG_TYPE_EN"), "status"),
			freehold: undefined,
			price: amount(cell("ACTUAL_WORTH"), "price"),
			sizeSqm: size,
			procedureSizeSqm: size,
			...roomsOf(cell("ROOMS_EN"), property.propertyType),
		};
	},
};

/** Dubai Pulse writes `<group>-<procedure>-<year>-<serial>`. */
function canonicalNumber(text: string): string {
	const parts = /^\d+-0*(\d{1,9})-(\d{4})-0*(\d{1,12})$/.exec(text);
	if (!parts) throw new Rejection("bad-number");
	return `${parts[1]}-${parts[2]}-${parts[3]}`;
}
