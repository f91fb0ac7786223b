import { randomBytes } from "node:crypto";
import type { Database } from "../../db/client.ts";
import { insertUser, type Role } from "../../db/queries/identity.ts";
import { issueToken } from "../../src/auth/index.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { systemClock } from "../../src/lib/clock.ts";

const TOKEN_TTL_S = 24 * 3600;

/** Signs the tokens of one run; every server of the run has to be given it as JWT_SECRET. */
export function newSecret(): string {
	return randomBytes(32).toString("base64url");
}

/** What a server with that secret is configured to, as far as it concerns who is asking. */
export function authConfig(secret: string, databaseUrl: string): Config["auth"] {
	return readConfig({ NODE_ENV: "production", JWT_SECRET: secret, DATABASE_URL: databaseUrl }).auth;
}

/** A new user who never signs in, and a bearer token that lasts longer than any run. */
export async function signUp(db: Database, config: Config["auth"], role: Role = "user"): Promise<string> {
	const email = `${crypto.randomUUID()}@example.com`;
	const user = await insertUser(db, { email, passwordHash: "none", role });
	if (!user) throw new Error("The user is there already");
	return issueToken({ db, clock: systemClock, config }, user, TOKEN_TTL_S);
}
