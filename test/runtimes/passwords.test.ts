import { describe, expect, test } from "bun:test";
import type { PasswordHasher } from "../../src/auth/index.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { nodePasswords } from "../../src/server/node-passwords.ts";

describe.each<[string, PasswordHasher, PasswordHasher]>([
	["Bun", bunPasswords, nodePasswords],
	["Node", nodePasswords, bunPasswords],
])("a password hashed on %s", (_, one, other) => {
	test("is argon2id with 19 MiB and two passes", async () => {
		expect(await one.hash("correct horse battery")).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
	});

	test("is right on the other, and only that one", async () => {
		const hash = await one.hash("correct horse battery");
		expect(await other.verify("correct horse battery", hash)).toBe(true);
		expect(await other.verify("correct horse batterz", hash)).toBe(false);
	});
});
