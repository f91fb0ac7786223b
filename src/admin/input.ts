import type { Context } from "hono";
import { z } from "zod";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";
import { checkValue } from "../http/validate.ts";
import { policies, tags } from "../policies.ts";

/** How the keys of entries begin, each once. */
export const PREFIXES: readonly string[] = [
	...new Set(Object.values(policies).map(({ prefix }): string => prefix)),
];
export const POLICY_NAMES: readonly string[] = Object.values(policies).map(({ name }) => name);

/** Text that can be written into logs, tables and terminals. */
export const plainText = (max: number) =>
	z
		.string("must be text")
		.max(max, `must be ${max} characters or fewer`)
		.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not have control characters in it");

/** The name of an entry: whatever else is kept in the store is no business of administrators. */
export const entryKey = plainText(512).refine(
	(key) => PREFIXES.some((prefix) => key.startsWith(prefix)),
	`must begin as the keys of entries do: ${PREFIXES.join(", ")}`,
);

/** One that answers carry: a misspelt one would be purged without effect. */
export const tagName = plainText(256).refine(isTag, {
	error: `must be one that answers carry: ${tags.salesNames}, ${tags.rentalNames}, ${tags.model}, ${tags.area(12)} and the like`,
});

export const pageLimit = z
	.string()
	.regex(/^[1-9]\d{0,2}$/, "must be a whole number from 1 to 500")
	.transform(Number)
	.refine((limit) => limit <= 500, "must be a whole number from 1 to 500")
	.default(100);

/** Checks the query's parameters. @throws {Problem} 422 with every reason, also for one that is given twice */
export function readQuery<S extends z.ZodType>(c: Context<AppEnv>, schema: S): z.output<S> {
	const { searchParams } = new URL(c.req.url);
	const names = [...searchParams.keys()];
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) {
		throw new Problem("invalid-request", {
			detail: `The query is not valid: ${JSON.stringify(twice.slice(0, 100))} is given more than once.`,
		});
	}
	return checkValue(schema, Object.fromEntries(searchParams), "The query");
}

export const nothingAsked = z.strictObject({});

function isTag(text: string): boolean {
	const number = Number(/:(\d{1,10})$/.exec(text)?.[1]);
	return Object.values(tags).some((tag) => text === (typeof tag === "string" ? tag : tag(number)));
}
