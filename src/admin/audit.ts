import type { Context } from "hono";
import { z } from "zod";
import type { Database } from "../../db/client.ts";
import {
	type AuditEvent,
	type AuditOutcome,
	finishAuditEvent,
	insertAuditEvent,
	listAuditEvents,
} from "../../db/queries/audit.ts";
import { PurgePending } from "../cache/index.ts";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";
import { within } from "../lib/within.ts";
import { answer } from "./answer.ts";
import { pageLimit, readQuery } from "./input.ts";

export interface Change {
	/** `cache.purge` and the like. */
	readonly action: string;
	/** To what: as it was asked for. */
	readonly subject: Record<string, unknown>;
	/** Does it, and tells how many of what it was done to. */
	make(): Promise<Record<string, number>>;
}

/** Makes a change that is written down before it is made. @throws {Problem} 503 where it could not be; what `make` throws */
export type Audited = (c: Context<AppEnv>, change: Change) => Promise<Record<string, number>>;

/** Whoever asked would else wait for as long as the connection takes to be given up. */
const WRITE_WITHIN_MS = 3_000;

export function createAudited(db: Database): Audited {
	return async function audited(c, { action, subject, make }) {
		const { userId } = c.get("caller");
		const { requestId, logger } = c.var;

		/** The change is made, or failed, whether or not this can be written down. */
		async function finish(id: number, outcome: AuditOutcome, affected: Record<string, number> | null) {
			logger.info(
				{ requestId, userId, action, outcome, ...(affected && { affected }) },
				"Cache changed by an administrator",
			);
			try {
				await within(WRITE_WITHIN_MS, finishAuditEvent(db, { id, outcome, affected }));
			} catch (error) {
				logger.warn(
					{ requestId, action, outcome, error },
					"The outcome of a change could not be written down",
				);
			}
		}

		const id = await begin(db, { userId, requestId, action, subject });
		try {
			const affected = await make();
			await finish(id, "done", affected);
			return affected;
		} catch (error) {
			if (error instanceof PurgePending) await finish(id, "pending", { pending: error.pending });
			else await finish(id, "failed", null);
			throw error;
		}
	};
}

async function begin(db: Database, event: Parameters<typeof insertAuditEvent>[1]): Promise<number> {
	try {
		return (await within(WRITE_WITHIN_MS, insertAuditEvent(db, event))).id;
	} catch (error) {
		throw new Problem(
			"unavailable",
			{
				detail: "Nothing was changed, as it could not be written down first: the database does not answer.",
				headers: { "Retry-After": "5" },
			},
			{ cause: error },
		);
	}
}

const pageAsked = z.strictObject({
	before: z
		.string()
		.regex(/^[1-9]\d{0,14}$/, "must be the id of an event")
		.transform(Number)
		.optional(),
	limit: pageLimit,
});

/** GET /audit — what administrators did, the newest first. */
export function auditRoute(db: Database) {
	return async function audit(c: Context<AppEnv>): Promise<Response> {
		const asked = readQuery(c, pageAsked);
		const events = await listAuditEvents(db, asked);
		const last = events.at(-1);
		return answer(c, {
			events: events.map(describeEvent),
			next_before: last && events.length === asked.limit ? last.id : null,
		});
	};
}

export type AuditEventBody = ReturnType<typeof describeEvent>;

function describeEvent({ id, at, userId, email, requestId, action, subject, affected, outcome }: AuditEvent) {
	return {
		id,
		at: at.toISOString(),
		/** The e-mail is null where the user is gone. */
		user: { id: userId, email },
		request_id: requestId,
		action,
		subject,
		affected,
		outcome,
	};
}
