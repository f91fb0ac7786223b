import { amount, count, day, needed } from "../cells.ts";
import { Rejection } from "../errors.ts";
import { nameOf, optionalName } from "../names.ts";
import { letProperty, roomsOf } from "../property.ts";
import type { RentalsFormat } from "./format.ts";
import { CONTRACT_KINDS, freehold, meaning } from "./words.ts";

/** Dubai Pulse, "Rent Contracts": one row per contract and property in it. It has no registration date. */
export const pulseRents: RentalsFormat = {
	name: "pulse-rents",
	title: "rental contracts from Dubai Pulse",
	kind: "rentals",
	source: "pulse",
	required: [
		"CONTRACT_ID",
		"LINE_NUMBER",
		"CONTRACT_REG_TYPE_EN",
		"CONTRACT_START_DATE",
		"CONTRACT_END_DATE",
		"CONTRACT_AMOUNT",
		"ANNUAL_AMOUNT",
		"EJARI_BUS_PROPERTY_TYPE_EN",
		"EJARI_PROPERTY_TYPE_EN",
		"AREA_NAME_EN",
		"ACTUAL_AREA",
	],
	optional: [
		"EJARI_PROPERTY_SUB_TYPE_EN",
		"NO_OF_PROP",
		"IS_FREE_HOLD",
		"PROPERTY_USAGE_EN",
		"PROJECT_NAME_EN",
		"MASTER_PROJECT_EN",
	],
	read(cell) {
		const property = letProperty(cell("EJARI_BUS_PROPERTY_TYPE_EN"), cell("EJARI_PROPERTY_TYPE_EN"));
		const contract = needed(cell("CONTRACT_ID"), "number");
		const line = count(cell("LINE_NUMBER"), "number") ?? 0;
		const startsOn = day(needed(cell("CONTRACT_START_DATE"), "start"), "start");
		const endsOn = day(needed(cell("CONTRACT_END_DATE"), "end"), "end");
		if (endsOn < startsOn) throw new Rejection("end-before-start");
		return {
			identity: `pulse\n${contract.toUpperCase()}\n${line}`,
			registeredAt: undefined,
			startsOn,
			endsOn,
			kind: meaning(CONTRACT_KINDS, cell("CONTRACT_REG_TYPE_EN"), "kind"),
			area: nameOf(needed(cell("AREA_NAME_EN"), "area")),
			project: optionalName(cell("PROJECT_NAME_EN")),
			masterProject: optionalName(cell("MASTER_PROJECT_EN"))?.name,
			...property,
			usage: optionalName(cell("PROPERTY_USAGE_EN"))?.name,
			freehold: freehold(cell("IS_FREE_HOLD")),
			annualRent: amount(cell("ANNUAL_AMOUNT"), "rent"),
			contractRent: amount(cell("CONTRACT_AMOUNT"), "rent"),
			sizeSqm: amount(cell("ACTUAL_AREA"), "size"),
			units: count(cell("NO_OF_PROP"), "units"),
			...roomsOf(rooms(cell), property.propertyType),
		};
	},
};

/** The rooms stand in the sub-type, except for studios of which only the type says so. */
function rooms(cell: (column: string) => string | undefined): string | undefined {
	const subType = cell("EJARI_PROPERTY_SUB_TYPE_EN");
	if (subType !== undefined) return subType;
	return cell("EJARI_PROPERTY_TYPE_EN")?.toLowerCase() === "studio" ? "Studio" : undefined;
}
