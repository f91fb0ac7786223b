import { Problem } from "../http/problem.ts";

const REALM = 'Bearer realm="retyn-avm"';

/** The 401 for a request without a credential that counts. Every 401 carries a challenge (RFC 9110, 11.6.1). */
export function unauthenticated(detail: string): Problem {
	return new Problem("unauthenticated", { detail, headers: { "WWW-Authenticate": REALM } });
}

/** The 401 for a request with a bearer token that does not count (RFC 6750, 3.1). */
export function invalidToken(): Problem {
	return new Problem("unauthenticated", {
		detail:
			"The bearer token is not valid, has expired or was revoked. Get a new one from POST /api/auth/token.",
		headers: { "WWW-Authenticate": `${REALM}, error="invalid_token"` },
	});
}

/** One answer for an unknown e-mail, a wrong password and a disabled user, so that it tells nothing about them. */
export function invalidCredentials(): Problem {
	return new Problem("invalid-credentials", {
		detail: "The e-mail or the password is not right.",
		headers: { "WWW-Authenticate": REALM },
	});
}

export function crossSite(detail: string): Problem {
	return new Problem("cross-site", { detail });
}
