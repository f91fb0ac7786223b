import { amount, count, day, instant, needed } from "../cells.ts";
import { Rejection } from "../errors.ts";
import { nameOf, optionalName } from "../names.ts";
import { letProperty, roomsOf } from "../property.ts";
import type { RentalsFormat } from "./format.ts";
import { CONTRACT_KINDS, freehold, meaning } from "./words.ts";

/** The Department's website, "Rents". */
export const websiteRents: RentalsFormat = {
	name: "website-rents",
	title: "rental contracts from the Department's website",
	kind: "rentals",
	source: "website",
	// All that make up the identity: without one of them the same contract would be loaded a second time.
	required: [
		"REGISTRATION_DATE",
		"START_DATE",
		"END_DATE",
		"VERSION_EN",
		"AREA_EN",
		"CONTRACT_AMOUNT",
		"ANNUAL_AMOUNT",
		"ACTUAL_AREA",
		"PROP_TYPE_EN",
		"PROP_SUB_TYPE_EN",
		"USAGE_EN",
		"PROJECT_EN",
	],
	optional: ["IS_FREE_HOLD_EN", "ROOMS", "TOTAL_PROPERTIES", "MASTER_PROJECT_EN"],
	read(cell) {
		const type = cell("PROP_TYPE_EN");
		const subType = cell("PROP_SUB_TYPE_EN");
		const property = letProperty(type, subType);
		const row = {
			registeredAt: instant(needed(cell("REGISTRATION_DATE"), "date"), "date"),
			startsOn: day(needed(cell("START_DATE"), "start"), "start"),
			endsOn: day(needed(cell("END_DATE"), "end"), "end"),
			kind: meaning(CONTRACT_KINDS, cell("VERSION_EN"), "kind"),
			area: nameOf(needed(cell("AREA_EN"), "area")),
			project: optionalName(cell("PROJECT_EN")),
			masterProject: optionalName(cell("MASTER_PROJECT_EN"))?.name,
			...property,
			usage: optionalName(cell("USAGE_EN"))?.name,
			freehold: freehold(cell("IS_FREE_HOLD_EN")),
			annualRent: amount(cell("ANNUAL_AMOUNT"), "rent"),
			contractRent: amount(cell("CONTRACT_AMOUNT"), "rent"),
			sizeSqm: amount(cell("ACTUAL_AREA"), "size"),
			units: count(cell("TOTAL_PROPERTIES"), "units"),
			...roomsOf(cell("ROOMS") ?? (isStudio(subType) ? "Studio" : undefined), property.propertyType),
		};
		if (row.endsOn < row.startsOn) throw new Rejection("end-before-start");
		const identity = [
			row.registeredAt,
			row.startsOn,
			row.endsOn,
			row.kind,
			row.area.key,
			row.project?.key ?? "",
			row.contractRent ?? "",
			row.annualRent ?? "",
			row.sizeSqm ?? "",
			// The source's own words: the identity must not change when we rename a property type.
			optionalName(type)?.key ?? "",
			optionalName(subType)?.key ?? "",
			row.usage?.toLowerCase() ?? "",
		].join("\n");
		return { ...row, identity };
	},
};

function isStudio(subType: string | undefined): boolean {
	return subType?.toLowerCase() === "studio";
}
