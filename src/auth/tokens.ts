import { sign, verify } from "hono/jwt";
import { z } from "zod";
import type { Config } from "../config.ts";
import type { Clock } from "../lib/clock.ts";

const ALGORITHM = "HS256";

/** How far the clock of the instance that issued a token may run ahead of ours. Never added to a token's life. */
const CLOCK_SKEW_S = 5;

const claimsSchema = z.object({
	sub: z.uuid(),
	jti: z.uuid(),
	role: z.enum(["user", "admin"]),
	/** The user's role version when the token was issued. */
	rv: z.int(),
	iat: z.number(),
	nbf: z.number().optional(),
	exp: z.number(),
});

/** RFC 7519 claims, instants in seconds. */
export type Claims = z.output<typeof claimsSchema>;

export interface Tokens {
	issue(claims: Pick<Claims, "sub" | "jti" | "role" | "rv">, ttlS: number): Promise<string>;
	/** The claims of a token that we signed, for us, and that is valid at this moment; else undefined. */
	read(token: string): Promise<Claims | undefined>;
}

type TokenConfig = Pick<Config["auth"], "jwtSecret" | "jwtIssuer" | "jwtAudience">;

export function createTokens({ clock, config }: { clock: Clock; config: TokenConfig }): Tokens {
	let imported: Promise<CryptoKey> | undefined;

	/**
	 * Imported once and handed over as a key object: hono would otherwise import the text for every token, and take a
	 * secret that happens to contain "PUBLIC" or "PRIVATE" for a PEM file.
	 */
	function key(): Promise<CryptoKey> {
		const hmac = { name: "HMAC", hash: "SHA-256" };
		const secret = new TextEncoder().encode(config.jwtSecret);
		imported ??= crypto.subtle.importKey("raw", secret, hmac, false, ["sign", "verify"]);
		return imported;
	}

	return {
		async issue(claims, ttlS) {
			const iat = Math.floor(clock() / 1000);
			const own = { iss: config.jwtIssuer, aud: config.jwtAudience, iat, exp: iat + ttlS };
			return sign({ ...own, ...claims }, await key(), ALGORITHM);
		},

		async read(token) {
			const signed = await readSigned(token, await key(), config);
			const claims = claimsSchema.safeParse(signed);
			if (!claims.success) return undefined;
			const { iat, nbf = iat, exp } = claims.data;
			const nowS = clock() / 1000;
			return Math.max(iat, nbf) <= nowS + CLOCK_SKEW_S && nowS < exp ? claims.data : undefined;
		},
	};
}

/** Hono's own date checks read the wall clock, so they are left off here and made by the caller. */
async function readSigned(token: string, key: CryptoKey, config: TokenConfig): Promise<unknown> {
	try {
		return await verify(token, key, {
			alg: ALGORITHM,
			iss: config.jwtIssuer,
			aud: config.jwtAudience,
			exp: false,
			nbf: false,
			iat: false,
		});
	} catch {
		return undefined;
	}
}
