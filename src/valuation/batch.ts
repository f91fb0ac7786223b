import type { Context } from "hono";
import { z } from "zod";
import type { Directory } from "../areas/directory.ts";
import type { AppEnv } from "../http/env.ts";
import { asProblem } from "../http/errors.ts";
import type { Label } from "../http/label.ts";
import { problemBody } from "../http/problem.ts";
import { checkValue } from "../http/validate.ts";
import { valuationRequest } from "./request.ts";
import { resolveSubject, type Subject } from "./subject.ts";
import type { Valuation, Values } from "./values.ts";

export const BATCH_LIMIT = 1_000;

/** The body of POST /api/property/valuations. Each subject is checked by itself: one that is wrong spoils no other. */
export const batchRequest = z.strictObject({
	subjects: z
		.array(z.unknown())
		.min(1, "must hold at least one property")
		.max(BATCH_LIMIT, `must hold ${BATCH_LIMIT.toLocaleString("en")} properties or fewer`),
});

type Result =
	| { readonly valuation: Valuation }
	| { readonly problem: ReturnType<typeof problemBody> & Label };

/** The value of each subject, or why it has none, in their order. */
export async function valueBatch(
	c: Context<AppEnv>,
	{
		values,
		subjects,
		...market
	}: { values: Values; subjects: readonly unknown[] } & Market & { label: Label },
): Promise<Result[]> {
	return Promise.all(
		subjects.map(async (body) => {
			try {
				const subject = subjectOf(body, market);
				const { valuation } = await values.value(subject);
				return { valuation };
			} catch (error) {
				return { problem: { ...describeProblem(error, c), ...market.label } };
			}
		}),
	);
}

interface Market {
	readonly directory: Directory;
	readonly today: string;
	readonly model: string | null;
}

function subjectOf(body: unknown, { directory, today, model }: Market): Subject {
	return resolveSubject(checkValue(valuationRequest, body, "The subject"), directory, today, model);
}

function describeProblem(error: unknown, c: Context<AppEnv>) {
	const problem = asProblem(error instanceof Error ? error : new Error(String(error)));
	if (problem.kind === "internal") {
		const { requestId, logger } = c.var;
		logger.error(
			{ requestId, path: c.req.path, error: problem.cause },
			"A property of a list was not valued",
		);
	}
	return problemBody(problem);
}
