import { type Context, Hono } from "hono";
import { validator } from "hono/validator";
import { modelAccuracy } from "../../db/queries/models.ts";
import { cached } from "../cache/index.ts";
import type { AppEnv, Caller } from "../http/env.ts";
import { labelHeaders, marketLabel } from "../http/label.ts";
import { Problem } from "../http/problem.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import { checkJson, validJson } from "../http/validate.ts";
import { type Clock, dubaiDay } from "../lib/clock.ts";
import { answering, policies, tags } from "../policies.ts";
import { batchRequest, valueBatch } from "./batch.ts";
import { type CheckedRequest, valuationRequest } from "./request.ts";
import { resolveSubject } from "./subject.ts";
import { createValues, subjectTags, type ValuesDeps } from "./values.ts";

export interface ValuationDeps extends ValuesDeps {
	clock: Clock;
	/** Bounds what one caller may make us work out, and so put into the cache. */
	missLimiter: RateLimiter;
	/** The same for lists of properties. */
	batchLimiter: RateLimiter;
	/** Hears of every single valuation that a caller asks for, on this day in Dubai. */
	onAsked?: ((request: CheckedRequest, today: string) => void) | undefined;
}

/**
 * - POST /valuation — what the described property is worth.
 * - POST /valuations — the same for up to 1,000 of them.
 * - GET /valuation/accuracy — how good the values have been, on sales that were not learned from.
 */
export function valuationRoutes(deps: ValuationDeps): Hono<AppEnv> {
	const { db, cache, directory, models, clock, missLimiter, batchLimiter, onAsked } = deps;
	const values = createValues(deps);

	/** What a subject is resolved by, as of now. */
	async function market() {
		const [known, { current }] = await Promise.all([directory.current(), models.current()]);
		return { directory: known, today: dubaiDay(clock()), model: current?.version ?? null };
	}

	/** Checks the body and puts the subject it describes in its place, which the key is then made of. */
	const validSubject = validator("json", async (body, c: Context<AppEnv>) => {
		const request = checkJson(valuationRequest, body, c);
		const { directory: known, today, model } = await market();
		const subject = resolveSubject(request, known, today, model);
		if (c.get("caller").via !== "server") onAsked?.(request, today);
		return subject;
	});

	return new Hono<AppEnv>()
		.post(
			"/valuation",
			validSubject,
			cached<AppEnv>(cache, policies.valuation, {
				...answering,
				tags: (c) => subjectTags(c.req.valid("json" as never)),
				admit: (c) =>
					admit(missLimiter, c.get("caller"), "different valuations", "; repeated ones are not limited"),
			}),
			async (c) => {
				const label = marketLabel(await directory.current());
				const { valuation, at, upToDate } = await values.value(c.req.valid("json"));
				// Somebody may have asked for it in a list before: it is fresh for as long as that is.
				const freshS = Math.max(1, Math.ceil(policies.values.ttl - (clock() - at) / 1000));
				return c.json({ success: true, ...label, valuation }, 200, {
					...labelHeaders(label),
					"Cache-Control": upToDate ? `max-age=${freshS}` : "no-store",
				});
			},
		)
		.post("/valuations", validJson(batchRequest), async (c) => {
			await admit(batchLimiter, c.get("caller"), "lists of properties");
			const now = await market();
			const label = marketLabel(now.directory);
			const { subjects } = c.req.valid("json");
			const results = await valueBatch(c, { values, subjects, label, ...now });
			const valued = results.filter((result) => "valuation" in result).length;
			return c.json({ success: true, ...label, valued, not_valued: results.length - valued, results }, 200, {
				...labelHeaders(label),
				"Cache-Control": "no-store",
			});
		})
		.get(
			"/valuation/accuracy",
			cached<AppEnv>(cache, policies.accuracy, { ...answering, tags: () => [tags.model] }),
			async (c) => {
				const [known, { current }] = await Promise.all([directory.current(), models.current()]);
				const accuracy = current && (await modelAccuracy(db, current.version));
				if (!accuracy) {
					const why = current ? "The model in use was not studied" : "No model was trained yet";
					throw new Problem("not-found", {
						detail: `${why}, so there is no accuracy: \`bun run model train\` trains one and measures it.`,
					});
				}
				const label = marketLabel(known);
				const body = { success: true, ...label, model_version: current.version, accuracy };
				return c.json(body, 200, labelHeaders(label));
			},
		);
}

async function admit(
	limiter: RateLimiter,
	{ userId, via }: Caller,
	what: string,
	except = "",
): Promise<void> {
	if (via === "server") return;
	const { allowed, retryAfterS } = await limiter.take(userId);
	if (allowed) return;
	throw new Problem("too-many-requests", {
		detail: `Too many ${what} in a short time. Try again in ${retryAfterS} s${except}.`,
		headers: { "Retry-After": String(retryAfterS) },
	});
}
