import { index, integer, pgEnum, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

export const role = pgEnum("role", ["user", "admin"]);
export const sessionKind = pgEnum("session_kind", ["cookie", "token"]);

export const users = pgTable("users", {
	id: uuid().primaryKey().defaultRandom(),
	/** Lower case. */
	email: text().notNull().unique(),
	/** argon2id in PHC form; parameters and salt are part of it. */
	passwordHash: text().notNull(),
	role: role().notNull().default("user"),
	/** Raised with every change of role, so that what was granted or cached under the old one no longer counts. */
	roleVersion: integer().notNull().default(1),
	createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
	disabledAt: timestamp({ withTimezone: true }),
});

/**
 * Every credential handed out, cookie or token, so that any of them can be revoked.
 * A cookie's opaque value is kept only as its SHA-256; a token's `jti` is the row's `id`.
 */
export const sessions = pgTable(
	"sessions",
	{
		id: uuid().primaryKey().defaultRandom(),
		kind: sessionKind().notNull(),
		userId: uuid()
			.notNull()
			.references(() => users.id, { onDelete: "cascade" }),
		secretHash: text().unique("sessions_secret_hash"),
		createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
		expiresAt: timestamp({ withTimezone: true }).notNull(),
		revokedAt: timestamp({ withTimezone: true }),
	},
	(t) => [index("sessions_user").on(t.userId), index("sessions_expiry").on(t.expiresAt)],
);
