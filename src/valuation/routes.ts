import { Hono } from "hono";
import { validator } from "hono/validator";
import type { Database } from "../../db/client.ts";
import type { DirectoryKeeper } from "../areas/directory-keeper.ts";
import { type Cache, cached } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import { labelHeaders, marketLabel } from "../http/label.ts";
import { Problem } from "../http/problem.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import { checkJson } from "../http/validate.ts";
import { type Clock, dubaiDay } from "../lib/clock.ts";
import { answering, policies, tags } from "../policies.ts";
import { describeValuation } from "./answer.ts";
import { estimate, MINIMUM } from "./estimate.ts";
import { gather } from "./gather.ts";
import { valuationRequest } from "./request.ts";
import { resolveSubject, type Subject } from "./subject.ts";

export interface ValuationDeps {
	db: Database;
	cache: Cache;
	directory: DirectoryKeeper;
	clock: Clock;
	/** Bounds what one caller may make us work out, and so put into the cache. */
	missLimiter: RateLimiter;
}

/** POST /valuation — what the described property is worth. */
export function valuationRoutes({ db, cache, directory, clock, missLimiter }: ValuationDeps): Hono<AppEnv> {
	return new Hono<AppEnv>().post(
		"/valuation",
		validSubject(directory, clock),
		cached<AppEnv>(cache, policies.valuation, {
			...answering,
			tags: (c) => subjectTags(c.req.valid("json" as never)),
			admit: (c) => admit(missLimiter, c.get("caller").userId),
		}),
		async (c) => {
			const subject = c.req.valid("json");
			const market = await directory.current();
			const label = marketLabel(market);
			const gathered = await gather(db, subject);
			const result = estimate({ ...subject, projectId: subject.project?.id ?? null }, gathered.comparables);
			if (!("perSqm" in result)) throw tooLittleEvidence(subject, result.found);
			const { dataVersion } = market;
			const valuation = describeValuation(subject, result, gathered, { dataVersion, label });
			return c.json({ success: true, ...label, valuation }, 200, labelHeaders(label));
		},
	);
}

/** Checks the body and puts the subject it describes in its place, which the key is then made of. */
function validSubject(directory: DirectoryKeeper, clock: Clock) {
	return validator("json", async (body, c) =>
		resolveSubject(checkJson(valuationRequest, body, c), await directory.current(), dubaiDay(clock())),
	);
}

function subjectTags({ place }: Subject): string[] {
	return [tags.model, ...new Set([...place.salesAreaIds, ...place.rentalAreaIds].map(tags.area))];
}

function admit(limiter: RateLimiter, userId: string): void {
	const { allowed, retryAfterS } = limiter.take(userId);
	if (allowed) return;
	throw new Problem("too-many-requests", {
		detail: `Too many different valuations in a short time. Try again in ${retryAfterS} s; repeated ones are not limited.`,
		headers: { "Retry-After": String(retryAfterS) },
	});
}

function tooLittleEvidence({ propertyType, place, sizeSqm }: Subject, found: number): Problem {
	return new Problem("too-little-evidence", {
		detail:
			`Only ${found} comparable sales of the type ${propertyType} of about ${sizeSqm} m2 are registered in ` +
			`${place.name} in the year before; at least ${MINIMUM.comparables} that are near enough are needed.`,
		members: { comparables_found: found, comparables_needed: MINIMUM.comparables },
	});
}
