import { desc, eq, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import { auditEvents, users } from "../schema/index.ts";

export interface NewAuditEvent {
	userId: string;
	requestId: string;
	/** `cache.purge` and the like. */
	action: string;
	/** To what: as it was asked for. */
	subject: Record<string, unknown>;
}

export type AuditOutcome = "done" | "pending" | "failed";

/** Something that an administrator did. */
export interface AuditEvent extends NewAuditEvent {
	id: number;
	at: Date;
	/** Null where the user is gone. */
	email: string | null;
	/** How many of what; null as long as it is under way, or where that failed. */
	affected: Record<string, number> | null;
	/** Null as long as it is under way, or where the server did not live to see its end. */
	outcome: AuditOutcome | null;
}

/** Writes down what is about to be done. */
export async function insertAuditEvent(db: Database, params: NewAuditEvent): Promise<{ id: number }> {
	const [row] = await db.insert(auditEvents).values(params).returning({ id: auditEvents.id });
	if (!row) throw new Error("insert into audit_events gave no row back");
	return row;
}

/** Writes down what became of it. */
export async function finishAuditEvent(
	db: Database,
	params: { id: number; outcome: AuditOutcome; affected: Record<string, number> | null },
): Promise<void> {
	const { id, outcome, affected } = params;
	await db.update(auditEvents).set({ outcome, affected }).where(eq(auditEvents.id, id));
}

/** The newest first. @param params.before only those with a lower id */
export async function listAuditEvents(
	db: Database,
	params: { before?: number | undefined; limit: number },
): Promise<AuditEvent[]> {
	const { id, at, userId, requestId, action, subject, affected, outcome } = auditEvents;
	const rows = await db
		.select({ id, at, userId, email: users.email, requestId, action, subject, affected, outcome })
		.from(auditEvents)
		.leftJoin(users, eq(users.id, userId))
		.where(params.before === undefined ? undefined : lt(id, params.before))
		.orderBy(desc(id))
		.limit(params.limit);
	return rows as AuditEvent[];
}
