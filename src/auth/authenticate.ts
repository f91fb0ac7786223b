import { hash } from "node:crypto";
import type { Context } from "hono";
import type { Database } from "../../db/client.ts";
import { findCookieSession, findTokenSession, type SessionState } from "../../db/queries/identity.ts";
import type { AppEnv, Caller } from "../http/env.ts";
import type { Clock } from "../lib/clock.ts";
import { type AskDatabase, DatabaseUnavailable } from "./ask-database.ts";
import { crossSite, invalidToken, unauthenticated } from "./challenge.ts";
import type { SessionCookie } from "./cookie.ts";
import type { Checked, CredentialMemory } from "./memory.ts";
import { provenance } from "./origin.ts";
import type { Claims, Tokens } from "./tokens.ts";

/** Ours are about 330 characters long. */
const MAX_TOKEN_LENGTH = 2048;
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

interface AuthenticateDeps {
	db: Database;
	clock: Clock;
	ask: AskDatabase;
	tokens: Tokens;
	cookie: SessionCookie;
	memory: CredentialMemory;
	trustProxy: boolean;
}

/**
 * Finds out who sent a request; at once where the credential was checked a moment ago.
 *
 * @throws {Problem} (or rejects) `unauthenticated`, `cross-site` or `unavailable`
 */
export type Authenticate = (c: Context<AppEnv>) => Caller | Promise<Caller>;

export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
	const { db, clock, ask, tokens, cookie, memory, trustProxy } = deps;

	/** An Authorization header counts alone: a cookie beside it never makes up for a bad one. */
	function authenticate(c: Context<AppEnv>): Caller | Promise<Caller> {
		const authorization = c.req.header("authorization");
		if (authorization !== undefined) return fromToken(bearerToken(authorization));
		const secret = cookie.read(c);
		if (secret === undefined) {
			throw unauthenticated(
				"Send a token as `Authorization: Bearer ...`, or sign in to get a session cookie.",
			);
		}
		if (!SAFE_METHODS.has(c.req.method)) requireOwnOrigin(c);
		return fromCookie(secret);
	}

	function requireOwnOrigin(c: Context<AppEnv>): void {
		const from = provenance(c, trustProxy);
		if (from === "own-origin") return;
		throw crossSite(
			from === "elsewhere"
				? "A session cookie is accepted only from this site's own pages. From elsewhere, use a bearer token."
				: "With a session cookie, send an Origin header that names this site, or use a bearer token instead.",
		);
	}

	/**
	 * Remembered by its own text: taking its hash would be the dearest part of a request that is answered from memory, and
	 * who can read our memory has the secret that signs tokens. There is no colon in it, so it is no cookie's key.
	 */
	function fromToken(token: string): Caller | Promise<Caller> {
		return memory.recall(token) ?? memory.check(token, () => checkToken(token));
	}

	async function checkToken(token: string): Promise<Checked> {
		const claims = await tokens.read(token);
		if (!claims) throw invalidToken();
		const expiresAt = claims.exp * 1000;
		let session: SessionState | undefined;
		try {
			session = await ask(() => findTokenSession(db, { id: claims.jti }));
		} catch (error) {
			if (!(error instanceof DatabaseUnavailable)) throw error;
			const known = { sessionId: claims.jti, userId: claims.sub, issuedAt: claims.iat * 1000 };
			if (memory.isDistrusted(known)) throw error;
			return { caller: callerOf(claims), expiresAt, confirmed: false };
		}
		if (!session || !isLive(session) || session.userId !== claims.sub || session.roleVersion !== claims.rv) {
			memory.distrust(claims.jti);
			throw invalidToken();
		}
		return { caller: callerOf(claims), expiresAt, confirmed: true };
	}

	function fromCookie(secret: string): Caller | Promise<Caller> {
		const secretHash = fingerprint(secret);
		const key = `cookie:${secretHash}`;
		return memory.recall(key) ?? memory.check(key, () => checkCookie(secretHash));
	}

	async function checkCookie(secretHash: string): Promise<Checked> {
		const session = await ask(() => findCookieSession(db, { secretHash }));
		if (!session || !isLive(session)) {
			throw unauthenticated("The session has ended or was revoked. Sign in again.");
		}
		const { userId, role, roleVersion, sessionId, expiresAt } = session;
		const caller: Caller = { userId, role, roleVersion, sessionId, via: "cookie" };
		return { caller, expiresAt: expiresAt.getTime(), confirmed: true };
	}

	function isLive(session: SessionState): boolean {
		return !session.revokedAt && !session.disabledAt && clock() < session.expiresAt.getTime();
	}

	return authenticate;
}

/**
 * What stands for a cookie's value in memory and in the database. A fast hash is enough: there are 256 random bits in it,
 * which nobody can guess their way to.
 */
export function fingerprint(secret: string): string {
	return hash("sha256", secret, "base64url");
}

function bearerToken(authorization: string): string {
	if (authorization.length > MAX_TOKEN_LENGTH) throw invalidToken();
	const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization) ?? [];
	if (token) return token;
	if (/^Bearer\b/i.test(authorization)) throw invalidToken();
	throw unauthenticated("The Authorization header has to be `Bearer` and a token.");
}

function callerOf({ sub, role, rv, jti }: Claims): Caller {
	return { userId: sub, role, roleVersion: rv, sessionId: jti, via: "token" };
}
