import { needed } from "../cells.ts";
import { Rejection } from "../errors.ts";
import { nameOf } from "../names.ts";
import type { LinksFormat } from "./format.ts";

/** Which rental (cadastral) area a sales (community) area lies in, measured by the projects that both name. */
export const areaCrosswalk: LinksFormat = {
	name: "area-crosswalk",
	title: "crosswalk from sales areas to rental areas",
	kind: "links",
	required: ["SALES_AREA", "RENTS_AREA", "SHARED_PROJECTS", "SHARE_OF_ROWS"],
	optional: [],
	read(cell) {
		const share = Number(needed(cell("SHARE_OF_ROWS"), "share"));
		if (!(share >= 0 && share <= 1)) throw new Rejection("bad-share");
		const sharedProjects = Number(needed(cell("SHARED_PROJECTS"), "projects"));
		if (!Number.isSafeInteger(sharedProjects) || sharedProjects < 0) throw new Rejection("bad-projects");
		return {
			salesArea: nameOf(needed(cell("SALES_AREA"), "area")),
			rentalArea: nameOf(needed(cell("RENTS_AREA"), "area")),
			share,
			sharedProjects,
		};
	},
};
