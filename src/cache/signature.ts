import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";

/** Proves that whoever wrote something knew a key. */
export interface Signer {
	/** 43 characters of base64url over the parts, in this order, with the first key. */
	sign(...parts: readonly SignedPart[]): string;
	/** Whether any of the keys signed exactly these parts. */
	verify(signature: string, ...parts: readonly SignedPart[]): boolean;
}

/** The first part should say what is signed, so that no signature is good for something else. */
export type SignedPart = string | Uint8Array;

export const SIGNATURE_LENGTH = 43;

/**
 * HMAC-SHA256 (RFC 2104). The first key signs, any verifies: during a rotation there are two.
 *
 * @throws {TypeError} without keys, or with an empty one.
 */
export function createSigner(keys: readonly string[]): Signer {
	if (keys.length === 0 || keys.includes("")) throw new TypeError("A signing key must not be empty");
	const secrets = keys.map((key) => createSecretKey(Buffer.from(key)));
	const [first] = secrets;

	function digest(secret: typeof first, parts: readonly SignedPart[]): string {
		const hmac = createHmac("sha256", secret as NonNullable<typeof first>);
		// Each part's length goes first: no two lists of parts are one text.
		for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
		return hmac.digest("base64url");
	}

	return {
		sign: (...parts) => digest(first, parts),
		verify(signature, ...parts) {
			return secrets.some((secret) => equalInConstantTime(signature, digest(secret, parts)));
		},
	};
}

/** The written forms are compared, as several of them may stand for the same bytes. */
function equalInConstantTime(left: string, right: string): boolean {
	const [a, b] = [Buffer.from(left), Buffer.from(right)];
	return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
