import type { Database } from "./client.ts";

/**
 * Builds a query once per database and hands out the same prepared statement from then on: building and planning it
 * anew for every call is most of what a small query costs.
 */
export function prepared<Q>(build: (db: Database) => Q): (db: Database) => Q {
	const built = new WeakMap<Database, Q>();
	return (db) => {
		const known = built.get(db);
		if (known) return known;
		const query = build(db);
		built.set(db, query);
		return query;
	};
}

/** An array of whole numbers as one bound parameter, to be cast to `int[]`. */
export function intArray(values: readonly number[]): string {
	return `{${values.join(",")}}`;
}

/** An array of texts as one bound parameter, to be cast to `text[]` or to what the texts stand for. */
export function textArray(values: readonly string[]): string {
	return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
