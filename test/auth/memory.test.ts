import { describe, expect, test } from "bun:test";
import { type Checked, createCredentialMemory } from "../../src/auth/memory.ts";
import type { Caller } from "../../src/http/env.ts";
import { createTestClock } from "../cache/support/clock.ts";

const caller: Caller = { userId: "u", role: "user", roleVersion: 1, sessionId: "s", via: "token" };

function setUp(options: { maxEntries?: number } = {}) {
	const clock = createTestClock();
	const memory = createCredentialMemory({ clock, ...options });
	const found = (changes: Partial<Checked> = {}): Checked => ({
		caller,
		expiresAt: clock() + 3_600_000,
		confirmed: true,
		...changes,
	});
	return { clock, memory, found };
}

describe("the memory of checked credentials", () => {
	test("keeps nothing of a check that began before a revocation, and lets nobody join it", async () => {
		for (const revoke of ["forget", "forgetUser"] as const) {
			const { memory, found } = setUp();
			const before = Promise.withResolvers<Checked>();
			const underWay = memory.check("key", () => before.promise);
			memory[revoke](revoke === "forget" ? "s" : "u");
			const next = memory.check("key", () => Promise.reject(new Error("revoked")));
			before.resolve(found());
			expect(await underWay).toBe(caller);
			await expect(next).rejects.toThrow("revoked");
			expect(memory.recall("key")).toBeUndefined();
		}
	});

	test("keeps nothing that the database did not confirm", async () => {
		const { memory, found } = setUp();
		await memory.check("key", async () => found({ confirmed: false }));
		expect(memory.recall("key")).toBeUndefined();
	});

	test("counts the 30 s from the beginning of the check", async () => {
		const { clock, memory, found } = setUp();
		await memory.check("key", async () => {
			clock.advance(2000);
			return found();
		});
		clock.advance(27_999);
		expect(memory.recall("key")).toBe(caller);
		clock.advance(1);
		expect(memory.recall("key")).toBeUndefined();
	});

	test("trusts nothing any more when the clock was set back", async () => {
		const { clock, memory, found } = setUp();
		await memory.check("key", async () => found());
		clock.advance(-1);
		expect(memory.recall("key")).toBeUndefined();
	});

	test("keeps no failure: the next one asks again", async () => {
		const { memory, found } = setUp();
		await expect(memory.check("key", () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
		expect(await memory.check("key", async () => found())).toBe(caller);
	});

	test("keeps no more entries than it was allowed to", async () => {
		const { memory, found } = setUp({ maxEntries: 2 });
		for (const key of ["a", "b", "c"]) await memory.check(key, async () => found());
		expect(["a", "b", "c"].map((key) => memory.recall(key) !== undefined)).toEqual([false, true, true]);
	});
});
