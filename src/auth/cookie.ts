import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** 32 bytes in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export interface SessionCookie {
	/** The cookie's value; undefined where there is none, or one that we cannot have written. */
	read(c: Context): string | undefined;
	write(c: Context, secret: string, ttlS: number): void;
	clear(c: Context): void;
}

/**
 * The cookie that keeps a browser signed in. Over HTTPS its name begins with `__Host-`, so that neither a sibling
 * domain nor plain HTTP can plant one (RFC 6265bis, 4.1.3.2).
 */
export function createSessionCookie({ secure }: { secure: boolean }): SessionCookie {
	const name = secure ? "__Host-retyn_session" : "retyn_session";
	const attributes = { path: "/", httpOnly: true, sameSite: "Lax", secure } as const;
	return {
		read(c) {
			const value = getCookie(c, name);
			return value !== undefined && SECRET.test(value) ? value : undefined;
		},
		write: (c, secret, ttlS) => setCookie(c, name, secret, { ...attributes, maxAge: ttlS }),
		clear: (c) => void deleteCookie(c, name, attributes),
	};
}
