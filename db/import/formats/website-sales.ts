import { amount, instant, needed } from "../cells.ts";
import { Rejection } from "../errors.ts";
import { nameOf, optionalName } from "../names.ts";
import { roomsOf, soldProperty } from "../property.ts";
import type { SalesFormat } from "./format.ts";
import { freehold, GROUPS, meaning, STATUSES } from "./words.ts";

/** The Department's website, "Transactions": also its quoted export with a byte order mark. */
export const websiteSales: SalesFormat = {
	name: "website-sales",
	title: "transactions from the Department's website",
	kind: "sales",
	source: "website",
	required: [
		"TRANSACTION_NUMBER",
		"INSTANCE_DATE",
		"GROUP_EN",
		"PROCEDURE_EN",
		"IS_OFFPLAN_EN",
		"AREA_EN",
		"PROP_TYPE_EN",
		"PROP_SB_TYPE_EN",
		"TRANS_VALUE",
		"ACTUAL_AREA",
	],
	optional: ["IS_FREE_HOLD_EN", "USAGE_EN", "PROCEDURE_AREA", "ROOMS_EN", "MASTER_PROJECT_EN", "PROJECT_EN"],
	read(cell) {
		const property = soldProperty(cell("PROP_TYPE_EN"), cell("PROP_SB_TYPE_EN"));
		return {
			group: meaning(GROUPS, cell("GROUP_EN"), "group"),
			number: canonicalNumber(needed(cell("TRANSACTION_NUMBER"), "number")),
			registeredAt: instant(needed(cell("INSTANCE_DATE"), "date"), "date"),
			procedure: nameOf(needed(cell("PROCEDURE_EN"), "procedure")).name,
			area: nameOf(needed(cell("AREA_EN"), "area")),
			project: optionalName(cell("PROJECT_EN")),
			masterProject: optionalName(cell("MASTER_PROJECT_EN"))?.name,
			...property,
			usage: optionalName(cell("USAGE_EN"))?.name,
			developmentStatus: meaning(STATUSES, cell("IS_OFFPLAN_EN"), "status"),
			freehold: freehold(cell("IS_FREE_HOLD_EN")),
			price: amount(cell("TRANS_VALUE"), "price"),
			sizeSqm: amount(cell("ACTUAL_AREA"), "size"),
			procedureSizeSqm: amount(cell("PROCEDURE_AREA"), "size"),
			...roomsOf(cell("ROOMS_EN"), property.propertyType),
		};
	},
};

/** The website writes `<procedure>-<serial>-<year>`. */
function canonicalNumber(text: string): string {
	const parts = /^0*(\d{1,9})-0*(\d{1,12})-(\d{4})$/.exec(text);
	if (!parts) throw new Rejection("bad-number");
	return `${parts[1]}-${parts[3]}-${parts[2]}`;
}
