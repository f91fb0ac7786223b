import { count, needed } from "../cells.ts";
import { Rejection } from "../errors.ts";
import { nameOf } from "../names.ts";
import type { LinksFormat } from "./format.ts";

/** Plain decimal digits, no more of them than the database's `real` can tell from zero. */
const SHARE = /^(?:\d(?:\.\d{0,30})?|\.\d{1,30})$/;

/** Which rental (cadastral) area a sales (community) area lies in, measured by the projects that both name. */
export const areaCrosswalk: LinksFormat = {
	name: "area-crosswalk",
	title: "crosswalk from sales areas to rental areas",
	kind: "links",
	required: ["SALES_AREA", "RENTS_AREA", "SHARED_PROJECTS", "SHARE_OF_ROWS"],
	optional: [],
	read(cell) {
		const share = needed(cell("SHARE_OF_ROWS"), "share");
		if (!SHARE.test(share) || Number(share) > 1) throw new Rejection("bad-share");
		return {
			salesArea: nameOf(needed(cell("SALES_AREA"), "area")),
			rentalArea: nameOf(needed(cell("RENTS_AREA"), "area")),
			share: Number(share),
			sharedProjects: count(needed(cell("SHARED_PROJECTS"), "projects"), "projects") ?? 0,
		};
	},
};
