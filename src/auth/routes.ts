import { Hono } from "hono";
import type { Database } from "../../db/client.ts";
import { revokeSession } from "../../db/queries/identity.ts";
import type { Config } from "../config.ts";
import type { AppEnv } from "../http/env.ts";
import { validJson } from "../http/validate.ts";
import type { Clock } from "../lib/clock.ts";
import type { AskDatabase } from "./ask-database.ts";
import { type Authenticate, fingerprint } from "./authenticate.ts";
import { crossSite } from "./challenge.ts";
import type { SessionCookie } from "./cookie.ts";
import { credentials } from "./credentials.ts";
import { provenance } from "./origin.ts";
import type { Revocations } from "./revocations.ts";
import type { SignIn } from "./sign-in.ts";
import type { Tokens } from "./tokens.ts";

interface AuthRoutesDeps {
	db: Database;
	clock: Clock;
	config: Pick<Config["auth"], "jwtTtlS" | "sessionTtlS">;
	ask: AskDatabase;
	authenticate: Authenticate;
	cookie: SessionCookie;
	randomSecret: () => string;
	revocations: Revocations;
	signIn: SignIn;
	tokens: Tokens;
	trustProxy: boolean;
}

/** The routes below `/api/auth`. */
export function createAuthRoutes(deps: AuthRoutesDeps): Hono<AppEnv> {
	const { db, clock, config, ask, authenticate, cookie } = deps;
	const { randomSecret, revocations, signIn, tokens, trustProxy } = deps;
	const routes = new Hono<AppEnv>();

	routes.use(async (c, next) => {
		c.header("Cache-Control", "no-store");
		await next();
	});

	/** Signs a browser in. The cookie's value is new every time, so nobody can have planted it beforehand. */
	routes.post("/login", validJson(credentials), async (c) => {
		if (provenance(c, trustProxy) === "elsewhere") {
			throw crossSite("Signing in is accepted only from this site's own pages. From elsewhere, get a token.");
		}
		const user = await signIn.check(c, c.req.valid("json"));
		const replaced = cookie.read(c);
		if (replaced) revocations.revoked(await revoke({ secretHash: fingerprint(replaced) }));
		const secret = randomSecret();
		const session = { kind: "cookie", userId: user.id, secretHash: fingerprint(secret) } as const;
		const { expiresAt } = await signIn.record(session, config.sessionTtlS);
		cookie.write(c, secret, config.sessionTtlS);
		const { id, email, role } = user;
		return c.json({ user: { id, email, role }, expires_at: expiresAt.toISOString() });
	});

	/** Gives an API consumer a bearer token. */
	routes.post("/token", validJson(credentials), async (c) => {
		const user = await signIn.check(c, c.req.valid("json"));
		const session = await signIn.record({ kind: "token", userId: user.id }, config.jwtTtlS);
		const claims = { sub: user.id, jti: session.id, role: user.role, rv: user.roleVersion };
		const token = await tokens.issue(claims, config.jwtTtlS);
		return c.json({ access_token: token, token_type: "Bearer", expires_in: config.jwtTtlS });
	});

	/** Revokes the credential that the request came with. */
	routes.post("/logout", async (c) => {
		const { sessionId, via } = await authenticate(c);
		await revoke({ id: sessionId });
		// Another instance may have revoked it first, and its word may have been lost.
		revocations.revoked([sessionId]);
		if (via === "cookie") cookie.clear(c);
		return c.body(null, 204);
	});

	/** Who is asking. Answered from the credential alone, so it works as long as the credential does. */
	routes.get("/me", async (c) => {
		const { userId, role, via } = await authenticate(c);
		return c.json({ ...c.get("label")?.(), user: { id: userId, role }, via });
	});

	/** @returns the sessions that this ended */
	async function revoke(which: { id: string } | { secretHash: string }): Promise<string[]> {
		const revoked = await ask(() => revokeSession(db, { ...which, at: new Date(clock()) }));
		return revoked.map(({ id }) => id);
	}

	return routes;
}
