import { describe, expect, test } from "bun:test";
import { createPasswordCheck, limitHashing, type PasswordHasher } from "../../src/auth/passwords.ts";
import { bunPasswords } from "../../src/cli/bun-passwords.ts";
import { quickPasswords } from "../support/passwords.ts";

/** Holds every computation until it is let go, and counts how many run at once. */
function heldHasher() {
	const held: (() => void)[] = [];
	const seen = { running: 0, most: 0 };
	const hold = async <T>(result: T): Promise<T> => {
		seen.most = Math.max(seen.most, ++seen.running);
		await new Promise<void>((resolve) => held.push(resolve));
		seen.running--;
		return result;
	};
	const hasher: PasswordHasher = { hash: () => hold("hash"), verify: () => hold(true) };
	const letAllGo = async () => {
		while (held.length > 0) {
			held.shift()?.();
			for (let turn = 0; turn < 5; turn++) await Promise.resolve();
		}
	};
	return { hasher, seen, letAllGo };
}

describe("hashing under a limit", () => {
	test("runs only so many at once, and all of them in the end", async () => {
		const { hasher, seen, letAllGo } = heldHasher();
		const limited = limitHashing(hasher, { atOnce: 2, waiting: 10 });
		const checks = Array.from({ length: 12 }, () => limited.verify("password", "hash"));
		await letAllGo();
		expect(await Promise.all(checks)).toEqual(Array(12).fill(true));
		expect(seen.most).toBe(2);
	});

	test("refuses who comes when the queue is full, and takes others again when it is not", async () => {
		const { hasher, letAllGo } = heldHasher();
		const limited = limitHashing(hasher, { atOnce: 1, waiting: 1 });
		const taken = [limited.verify("a", "hash"), limited.hash("b")];
		await expect(limited.verify("c", "hash")).rejects.toMatchObject({ kind: "unavailable", status: 503 });
		await letAllGo();
		await Promise.all(taken);
		const later = limited.verify("d", "hash");
		await letAllGo();
		expect(await later).toBe(true);
	});

	test("goes on after a failure", async () => {
		const limited = limitHashing(
			{ hash: () => Promise.reject(new Error("broken")), verify: async () => true },
			{ atOnce: 1, waiting: 0 },
		);
		await expect(limited.hash("a")).rejects.toThrow("broken");
		expect(await limited.verify("a", "hash")).toBe(true);
	});
});

describe("checking a password", () => {
	test("is right for the user's own only", async () => {
		const check = createPasswordCheck(quickPasswords, () => "nobody's password");
		const hash = await quickPasswords.hash("the right one");
		expect(await check("the right one", hash)).toBe(true);
		expect(await check("a wrong one", hash)).toBe(false);
	});

	test("is never right where there is no user, not even with the decoy's own password", async () => {
		const check = createPasswordCheck(quickPasswords, () => "nobody's password");
		expect(await check("nobody's password", undefined)).toBe(false);
	});

	test("tries again where the decoy could not be made", async () => {
		let failures = 1;
		const hasher: PasswordHasher = {
			...quickPasswords,
			hash: (password) =>
				failures-- > 0 ? Promise.reject(new Error("busy")) : quickPasswords.hash(password),
		};
		const check = createPasswordCheck(hasher, () => "nobody's password");
		await expect(check("a", undefined)).rejects.toThrow("busy");
		expect(await check("a", undefined)).toBe(false);
	});
});

test("passwords are hashed with argon2id, 19 MiB and two passes", async () => {
	const hash = await bunPasswords.hash("correct horse battery staple");
	expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
	expect(await bunPasswords.verify("correct horse battery staple", hash)).toBe(true);
	expect(await bunPasswords.verify("correct horse battery stable", hash)).toBe(false);
});
