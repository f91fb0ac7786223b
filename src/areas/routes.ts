import { Hono } from "hono";
import type { Database } from "../../db/client.ts";
import { listAreaNames } from "../../db/queries/names.ts";
import { type Cache, cached } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import { validSearchType } from "../http/search-type.ts";
import { marketSide } from "../lib/search-type.ts";
import { nameListTags, policies } from "../policies.ts";

/** GET /:searchType — names of areas, as a JSON array. */
export function areaRoutes({ db, cache }: { db: Database; cache: Cache }): Hono<AppEnv> {
	return new Hono<AppEnv>().get(
		"/:searchType",
		validSearchType,
		cached(cache, policies.areas, { tags: nameListTags }),
		async (c) => c.json(await listAreaNames(db, { of: marketSide(c.req.valid("param").searchType) })),
	);
}
