import { Hono } from "hono";
import type { Database } from "../../db/client.ts";
import { latestMarket } from "../../db/latest-market.ts";
import { listPropertyTypes } from "../../db/queries/names.ts";
import type { Replicas } from "../../db/replicas.ts";
import type { DirectoryKeeper } from "../areas/directory.ts";
import { type Cache, cached } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import { labelHeaders, marketLabel } from "../http/label.ts";
import { validSearchType } from "../http/search-type.ts";
import { marketSide } from "../lib/search-type.ts";
import { answering, nameListTags, policies } from "../policies.ts";

/** GET /:searchType — names of property types, as a JSON array. */
export function propertyTypeRoutes({
	db,
	replicas,
	cache,
	directory,
}: {
	db: Database;
	replicas?: Replicas | undefined;
	cache: Cache;
	directory: DirectoryKeeper;
}): Hono<AppEnv> {
	return new Hono<AppEnv>().get(
		"/:searchType",
		validSearchType,
		cached<AppEnv>(cache, policies.propertyTypes, { ...answering, tags: nameListTags }),
		async (c) => {
			const latest = await latestMarket(db, replicas);
			const market = await directory.current();
			const names = await listPropertyTypes(latest.db, { of: marketSide(c.req.valid("param").searchType) });
			return c.json(names, 200, {
				...labelHeaders(marketLabel(market)),
				// What was read before a change must not outlive it.
				...(market.version !== latest.version && { "Cache-Control": "no-store" }),
			});
		},
	);
}
