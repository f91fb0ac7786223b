import type { Directory } from "../areas/directory.ts";
import { dayNumber } from "../lib/days.ts";
import { roomsName } from "./rounding.ts";
import type { ValuedSubject } from "./valued-subject.ts";

/** Days after which the sales known, or those learned from, are said to be old. */
const OLD_DATA_DAYS = 45;
const OLD_MODEL_DAYS = 60;

/** What whoever relies on the value should know, in sentences. */
export function warningsAbout(
	{ subject, estimate, rent, model }: ValuedSubject,
	directory: Directory,
): string[] {
	const list: string[] = [];
	const { assumed, support } = estimate;
	if (subject.unknownProject !== null) {
		list.push(
			`No project "${subject.unknownProject}" is known in ${subject.place.name}; the area's sales were used.`,
		);
	} else if (support === "new-project") {
		list.push(
			`No sales of ${subject.project?.name} of about this size are known; the area's were used, and its own may differ much.`,
		);
	}
	if (assumed.includes("development_status")) {
		list.push(
			`The development status was not given: ${estimate.subject.ready ? "Ready" : "Off-Plan"}, like most sales nearest to it, was assumed.`,
		);
	}
	if (assumed.includes("bedrooms")) {
		list.push(
			`The number of bedrooms was not given: ${roomsName(estimate.subject.rooms)}, like most sales nearest to it in size, was assumed.`,
		);
	}
	if (rent?.scope === "new-project" && support === "project") {
		list.push(
			`Too few rental contracts of ${subject.project?.name} are known: the rent is that of the area.`,
		);
	}
	for (const name of subject.withoutEffect) {
		list.push(`${name} had no effect: the register does not say it of the comparables.`);
	}
	const asOf = dayNumber(subject.asOf);
	const dataAge = directory.dataThrough === null ? 0 : asOf - dayNumber(directory.dataThrough);
	if (dataAge > OLD_DATA_DAYS) {
		list.push(`The last sale known was registered on ${directory.dataThrough}, ${dataAge} days before.`);
	}
	if (!model) {
		list.push(
			"No model was trained yet: range and confidence follow the spread of the comparables, and were not measured.",
		);
	} else {
		if (asOf < model.dataThrough) {
			list.push(
				"The model has learned from later sales as well: an estimate of the past, not one that could have been made then.",
			);
		}
		if (asOf - model.dataThrough > OLD_MODEL_DAYS) {
			list.push(`The model has learned from sales up to ${asOf - model.dataThrough} days before only.`);
		}
		if (!estimate.calibration) {
			list.push("Too few such valuations could be checked: range and confidence were not measured.");
		}
	}
	return list;
}
