import type { PasswordHasher } from "../../src/auth/index.ts";

/** Real argon2id, with parameters that cost the tests no time. */
export const quickPasswords: PasswordHasher = {
	hash: (password) => Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 8, timeCost: 1 }),
	verify: (password, hash) => Bun.password.verify(password, hash),
};
