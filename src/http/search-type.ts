import { z } from "zod";
import { SEARCH_TYPES } from "../lib/search-type.ts";
import { Problem } from "./problem.ts";
import { validParam } from "./validate.ts";

/** The `:searchType` of a list's path; anything else is a 404, never silently "rent". */
export const validSearchType = validParam(
	z.object({ searchType: z.enum(SEARCH_TYPES) }),
	() =>
		new Problem("unknown-search-type", {
			detail: `The search type must be one of: ${SEARCH_TYPES.join(", ")}.`,
			members: { allowed: SEARCH_TYPES },
		}),
);
