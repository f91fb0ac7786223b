import type { Context } from "hono";
import type { CachedOptions, PolicyOptions } from "./cache/index.ts";
import type { AppEnv } from "./http/env.ts";
import { refuseUnavailable } from "./http/unavailable.ts";

const HOUR = 3600;

/**
 * What the three have in common. All of it is market data, nothing about the caller: hence `shared`. A handler may take
 * longer than PostgreSQL allows one statement (10 s), but must be over before its request is (15 s). What one import
 * voided is asked for again together; `jitter` keeps it from expiring together.
 */
const market = { scope: "shared", timeout: 12, jitter: 0.1 } as const;

/**
 * An answer past its `ttl` is given at once while a new one is made, for as long as it is kept at all. It is hardly ever
 * wrong: an import voids by their tags the answers that it changes, and while the database is away nothing is imported.
 * And with a database that hangs, everybody would otherwise wait out the `timeout` before being given it all the same.
 */
function keptFor(seconds: number) {
	return { staleWhileRevalidate: seconds, staleIfError: seconds };
}

/** The names are few, and the same for all. */
const names = { ...market, ttl: HOUR, ...keptFor(24 * HOUR), maxEntryBytes: 256 * 1024 } as const;

/** Every cached route: how its keys begin, and how long its answers are good for (seconds). */
export const policies = {
	areas: { ...names, name: "areas", prefix: "areas:" },
	propertyTypes: { ...names, name: "property-types", prefix: "prop_types:" },
	/** The day is part of the key. There is no end to their variety: kept for longer, they would push the names out. */
	valuation: {
		...market,
		name: "valuation",
		prefix: "valuation:",
		ttl: 300,
		...keptFor(HOUR),
		maxEntryBytes: 64 * 1024,
	},
	/**
	 * The value inside of that answer, which the batch route gives as well. It is never given stale: an answer that is
	 * worked out anew has to be new.
	 */
	values: {
		...market,
		name: "valuation-values",
		prefix: "valuation:",
		ttl: 300,
		maxEntryBytes: 64 * 1024,
	},
	/** How good the model is: the same for all until another one is put to use. */
	accuracy: {
		...market,
		name: "valuation-accuracy",
		prefix: "analytics:",
		ttl: HOUR / 2,
		...keptFor(HOUR),
		maxEntryBytes: 512 * 1024,
	},
} as const satisfies Record<string, PolicyOptions>;

/** For every cached route: administrators may insist on a new answer, and errors are problems. */
export const answering = {
	mayRenew: (c) => c.get("caller").role === "admin",
	unavailable: refuseUnavailable,
} as const satisfies CachedOptions<AppEnv>;

/** What answers depend on. Purging a tag voids every answer that carries it. */
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
