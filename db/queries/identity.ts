import { and, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prepared } from "../prepared.ts";
import { sessions, users } from "../schema/identity.ts";

export type Role = (typeof users.$inferSelect)["role"];

/** A credential that was handed out, with what has become of it and of its owner since. */
export interface SessionState {
	sessionId: string;
	userId: string;
	role: Role;
	roleVersion: number;
	expiresAt: Date;
	revokedAt: Date | null;
	disabledAt: Date | null;
}

export interface NewSession {
	kind: "cookie" | "token";
	userId: string;
	/** SHA-256 of a cookie's value; a token has none, its `jti` is the row's id. */
	secretHash?: string;
	createdAt: Date;
	expiresAt: Date;
}

export type UserRow = typeof users.$inferSelect;

/** @param params.email in lower case */
export async function findUserByEmail(db: Database, params: { email: string }): Promise<UserRow | undefined> {
	const [row] = await statements(db).userByEmail.execute(params);
	return row;
}

/** @param params.id a token's `jti` */
export async function findTokenSession(
	db: Database,
	params: { id: string },
): Promise<SessionState | undefined> {
	const [row] = await statements(db).tokenSession.execute(params);
	return row;
}

export async function findCookieSession(
	db: Database,
	params: { secretHash: string },
): Promise<SessionState | undefined> {
	const [row] = await statements(db).cookieSession.execute(params);
	return row;
}

export async function insertSession(db: Database, params: NewSession): Promise<{ id: string }> {
	const [row] = await db.insert(sessions).values(params).returning({ id: sessions.id });
	if (!row) throw new Error("insert into sessions gave no row back");
	return row;
}

/** The sessions that this call revoked: none where there was none, or it had been revoked before. */
export async function revokeSession(
	db: Database,
	params: ({ id: string } | { secretHash: string }) & { at: Date },
): Promise<{ id: string }[]> {
	const which = "id" in params ? eq(sessions.id, params.id) : eq(sessions.secretHash, params.secretHash);
	return db
		.update(sessions)
		.set({ revokedAt: params.at })
		.where(and(which, isNull(sessions.revokedAt)))
		.returning({ id: sessions.id });
}

/** Clears away what can no longer be used. Rows that another caller is clearing are left to it. */
export async function deleteExpiredSessions(
	db: Database,
	params: { before: Date; limit: number },
): Promise<void> {
	const expired = db
		.select({ id: sessions.id })
		.from(sessions)
		.where(lt(sessions.expiresAt, params.before))
		.limit(params.limit)
		.for("update", { skipLocked: true });
	await db.delete(sessions).where(inArray(sessions.id, expired));
}

/** Undefined where the e-mail is taken. */
export async function insertUser(
	db: Database,
	params: { email: string; passwordHash: string; role: Role },
): Promise<UserRow | undefined> {
	const [row] = await db.insert(users).values(params).onConflictDoNothing().returning();
	return row;
}

/**
 * Changes a user and voids every credential that was handed out before: the role version is raised and all sessions
 * are revoked with it, or nothing is.
 *
 * @returns how many sessions were revoked; undefined where there is no such user
 */
export async function changeUser(
	db: Database,
	params: {
		email: string;
		at: Date;
		set?: { passwordHash?: string; role?: Role; disabledAt?: Date | null };
	},
): Promise<{ userId: string; revoked: number } | undefined> {
	return db.transaction(async (tx) => {
		const [user] = await tx
			.update(users)
			.set({ ...params.set, roleVersion: sql`${users.roleVersion} + 1` })
			.where(eq(users.email, params.email))
			.returning({ id: users.id });
		if (!user) return undefined;
		const revoked = await tx
			.update(sessions)
			.set({ revokedAt: params.at })
			.where(and(eq(sessions.userId, user.id), isNull(sessions.revokedAt)))
			.returning({ id: sessions.id });
		return { userId: user.id, revoked: revoked.length };
	});
}

const statements = prepared((db) => {
	const state = () =>
		db
			.select({
				sessionId: sessions.id,
				userId: users.id,
				role: users.role,
				roleVersion: users.roleVersion,
				expiresAt: sessions.expiresAt,
				revokedAt: sessions.revokedAt,
				disabledAt: users.disabledAt,
			})
			.from(sessions)
			.innerJoin(users, eq(users.id, sessions.userId));
	return {
		userByEmail: db
			.select()
			.from(users)
			.where(eq(users.email, sql.placeholder("email")))
			.prepare("identity_user_by_email"),
		tokenSession: state()
			.where(and(eq(sessions.id, sql.placeholder("id")), eq(sessions.kind, "token")))
			.prepare("identity_token_session"),
		cookieSession: state()
			.where(and(eq(sessions.secretHash, sql.placeholder("secretHash")), eq(sessions.kind, "cookie")))
			.prepare("identity_cookie_session"),
	};
});
