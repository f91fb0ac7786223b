import type { PasswordHasher } from "../auth/index.ts";

/** Argon2id with the first parameters that OWASP's password storage cheat sheet recommends: 19 MiB, two passes. */
export const bunPasswords: PasswordHasher = {
	hash: (password) => Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 }),
	verify: (password, hash) => Bun.password.verify(password, hash),
};
