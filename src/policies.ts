import type { Context } from "hono";
import type { PolicyOptions } from "./cache/index.ts";

/**
 * Every cached route: how long its answers are fresh (seconds), how its keys begin, and whether callers share them.
 * All of it is market data, nothing about the caller: hence `shared`.
 */
export const policies = {
	areas: { name: "areas", prefix: "areas:", ttl: 3600, scope: "shared" },
	propertyTypes: { name: "property-types", prefix: "prop_types:", ttl: 3600, scope: "shared" },
	valuation: { name: "valuation", prefix: "valuation:", ttl: 300, scope: "shared" },
} as const satisfies Record<string, PolicyOptions>;

/** What answers depend on. Invalidating a tag voids every answer that carries it. */
export const tags = {
	salesNames: "names:sales",
	rentalNames: "names:rentals",
	/** The way values are worked out. */
	model: "model",
	/** The sales and rental contracts of one area. */
	area: (areaId: number) => `area:${areaId}`,
};

/** The tags of a list of names, by the `:searchType` of its path. */
export function nameListTags(c: Context): string[] {
	return [c.req.param("searchType") === "rent" ? tags.rentalNames : tags.salesNames];
}
