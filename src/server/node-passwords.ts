import { hash, verify } from "@node-rs/argon2";
import type { PasswordHasher } from "../auth/index.ts";

/**
 * The same as on Bun, so that a password which was hashed by one is right for the other: argon2id, which is the
 * package's default, with 19 MiB and two passes. It is worked out beside the event loop.
 */
export const nodePasswords: PasswordHasher = {
	hash: (password) => hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
	verify: (password, hashed) => verify(hashed, password),
};
