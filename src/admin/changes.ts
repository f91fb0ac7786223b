import type { Context } from "hono";
import { z } from "zod";
import type { Cache, Purge } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";
import { TooLate, within } from "../lib/within.ts";
import { answer } from "./answer.ts";
import type { Audited } from "./audit.ts";
import { entryKey, POLICY_NAMES, PREFIXES, tagName } from "./input.ts";

/** Bound to what one request's body may hold anyway. */
const MOST_AT_ONCE = 500;
/** Below the time that a request may take at all. */
const WARM_WITHIN_MS = 10_000;

const many = <S extends z.ZodType>(item: S) =>
	z
		.array(item, "must be a list")
		.min(1, "must name one at least")
		.max(MOST_AT_ONCE, `must name ${MOST_AT_ONCE} at the most`);

const WAYS = "keys, prefix, tags, policy and everything";

/** The body of POST /cache/purge. */
export const purgeRequest = z
	.strictObject({
		keys: many(entryKey),
		prefix: z.enum(PREFIXES as [string, ...string[]], {
			error: `must be one that all entries of a policy begin with, and no part of one: ${PREFIXES.join(", ")}`,
		}),
		tags: many(tagName),
		policy: z.enum(POLICY_NAMES as [string, ...string[]], {
			error: `must be one of: ${POLICY_NAMES.join(", ")}`,
		}),
		everything: z.literal(true, "must be true"),
	})
	.partial()
	.refine((what) => Object.keys(what).length === 1, `must have exactly one of ${WAYS}`)
	.transform((what) => what as Purge);

/** The body of POST /cache/expire. */
export const expireRequest = z.strictObject({ tags: many(tagName) });

/** The body of POST /cache/warm. */
export const warmRequest = z.strictObject({
	/** How many of those asked for most. @default what the server warms by itself */
	valuations: z.int("must be a whole number").min(0).max(100_000).optional(),
});

export interface Warmed {
	readonly warmed: number;
	readonly failed: number;
	/** How long it took, in milliseconds. */
	readonly ms: number;
}

/** Has answers made before anybody asks for them, or joins what is under way; undefined where nothing is kept. */
export type Warm = (options: z.output<typeof warmRequest>) => Promise<Warmed> | undefined;

export interface ChangesDeps {
	cache: Cache;
	audited: Audited;
	warm?: Warm | undefined;
}

/** What each change answers, given a body that was checked. */
export function createChanges({ cache, audited, warm }: ChangesDeps) {
	return {
		/** Nobody is given what is purged any more. */
		async purge(c: Context<AppEnv>, what: Purge): Promise<Response> {
			const purged = await audited(c, {
				action: "cache.purge",
				subject: { ...what },
				make: async () => ({ ...(await cache.purge(what)) }),
			});
			return answer(c, { purged });
		},

		/** What is expired is still given where its policy allows that, while it is made anew. */
		async expire(c: Context<AppEnv>, { tags }: z.output<typeof expireRequest>): Promise<Response> {
			const expired = await audited(c, {
				action: "cache.expire",
				subject: { tags },
				make: async () => ({ ...(await cache.expire(tags)) }),
			});
			return answer(c, { expired });
		},

		/** Answers 202 when it takes longer than a request may; then the audit tells of its end. */
		async warm(c: Context<AppEnv>, options: z.output<typeof warmRequest>): Promise<Response> {
			if (!warm || !cache.enabled) throw notWarmedHere();
			const warming = audited(c, {
				action: "cache.warm",
				subject: { ...options },
				async make() {
					const summary = await warm(options);
					if (!summary) throw notWarmedHere();
					return { ...summary };
				},
			});
			try {
				return answer(c, { finished: true, warmed: await within(WARM_WITHIN_MS, warming) });
			} catch (error) {
				if (!(error instanceof TooLate)) throw error;
				// It goes on, and is written down by itself.
				warming.catch(() => {});
				return answer(c, { finished: false }, 202);
			}
		},
	};
}

function notWarmedHere(): Problem {
	return new Problem("not-offered-here", {
		detail: "This server keeps no answers, so there is nothing to warm.",
	});
}
