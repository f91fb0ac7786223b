import { Buffer } from "node:buffer";
import { randomBytes as systemRandomBytes } from "node:crypto";
import type { Context, Hono, MiddlewareHandler } from "hono";
import type { Database } from "../../db/client.ts";
import { insertSession, type UserRow } from "../../db/queries/identity.ts";
import type { Config } from "../config.ts";
import type { AppEnv } from "../http/env.ts";
import { Problem } from "../http/problem.ts";
import { createRateLimiter, type MakeLimiter } from "../http/rate-limit.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { createAskDatabase } from "./ask-database.ts";
import { createAuthenticate } from "./authenticate.ts";
import { createSessionCookie } from "./cookie.ts";
import { createCredentialMemory } from "./memory.ts";
import { createPasswordCheck, limitHashing, type PasswordHasher } from "./passwords.ts";
import { followRevocations, type RevocationBus } from "./revocations.ts";
import { createAuthRoutes } from "./routes.ts";
import { createSignIn } from "./sign-in.ts";
import { createTokens } from "./tokens.ts";

export { emailAddress, newPassword } from "./credentials.ts";
export type { PasswordHasher } from "./passwords.ts";
export { publishRevokedUser } from "./revocations.ts";

export interface AuthDeps {
	db: Database;
	clock: Clock;
	logger: Logger;
	passwords: PasswordHasher;
	config: Config["auth"];
	/** Whether X-Forwarded-For, -Proto and -Host come from our own proxy. */
	trustProxy: boolean;
	/** The address at the other end of the connection, where the platform knows it. */
	clientAddress: (c: Context<AppEnv>) => string | undefined;
	/** Limits attempts to sign in. @default within this process */
	makeLimiter?: MakeLimiter | undefined;
	/** Reaches the other instances; without one they learn of a revocation when what they remember runs out. */
	bus?: RevocationBus | undefined;
	/** Unpredictable bytes. @default node:crypto's */
	randomBytes?: (count: number) => Uint8Array;
}

export interface Auth {
	/** Puts the caller on the context, or throws the 401, 403 or 503 problem that says why not. */
	readonly requireCaller: MiddlewareHandler<AppEnv>;
	/** Does the same, and lets administrators only go on. */
	readonly requireAdmin: MiddlewareHandler<AppEnv>;
	/** POST /login, /token, /logout and GET /me, to be mounted at `/api/auth`. */
	readonly routes: Hono<AppEnv>;
	/** To be called when a session or token was revoked elsewhere: it is looked up again before it counts. */
	forget(sessionId: string): void;
	/** The same for all credentials of a user: password, role or standing changed. */
	forgetUser(userId: string): void;
	/** Resolves when the other instances were told of every revocation so far, or could not be. */
	settled(): Promise<void>;
}

export function createAuth(deps: AuthDeps): Auth {
	const { db, clock, logger, config, trustProxy, clientAddress, randomBytes = systemRandomBytes } = deps;
	const randomSecret = () => Buffer.from(randomBytes(32)).toString("base64url");
	const ask = createAskDatabase({ clock, logger });
	const memory = createCredentialMemory({ clock });
	const revocations = followRevocations({ memory, logger, bus: deps.bus });
	const cookie = createSessionCookie({ secure: config.cookieSecure });
	const tokens = createTokens({ clock, config });
	const authenticate = createAuthenticate({ db, clock, ask, tokens, cookie, memory, trustProxy });
	const passwordIsRight = createPasswordCheck(limitHashing(deps.passwords), randomSecret);
	const attemptsPerMinute = config.loginAttemptsPerMinute;
	const signIn = createSignIn({
		db,
		clock,
		ask,
		passwordIsRight,
		clientAddress,
		attemptsPerMinute,
		makeLimiter: deps.makeLimiter ?? ((_, limit) => createRateLimiter({ ...limit, clock })),
		trustProxy,
	});
	const shared = { db, clock, config, ask, authenticate, cookie, revocations, tokens, trustProxy };

	return {
		async requireCaller(c, next) {
			const caller = authenticate(c);
			c.set("caller", caller instanceof Promise ? await caller : caller);
			await next();
		},
		async requireAdmin(c, next) {
			const caller = await authenticate(c);
			if (caller.role !== "admin")
				throw new Problem("forbidden", { detail: "Only administrators may do this." });
			c.set("caller", caller);
			await next();
		},
		routes: createAuthRoutes({ ...shared, randomSecret, signIn }),
		forget: memory.forget,
		forgetUser: memory.forgetUser,
		settled: revocations.settled,
	};
}

/**
 * A bearer token for a user who need not sign in first: for terminals and tests, never for a route.
 *
 * @param ttlS seconds until it expires. @default config.jwtTtlS
 */
export async function issueToken(
	{ db, clock, config }: Pick<AuthDeps, "db" | "clock" | "config">,
	user: Pick<UserRow, "id" | "role" | "roleVersion">,
	ttlS = config.jwtTtlS,
): Promise<string> {
	const now = clock();
	const [createdAt, expiresAt] = [new Date(now), new Date(now + ttlS * 1000)];
	const { id } = await insertSession(db, { kind: "token", userId: user.id, createdAt, expiresAt });
	const claims = { sub: user.id, jti: id, role: user.role, rv: user.roleVersion };
	return createTokens({ clock, config }).issue(claims, ttlS);
}
