import { describe, expect, test } from "bun:test";
import type { Claim } from "../../src/cache/store.ts";
import { callsOn, failure, LONG_MS, SHORT_MS, unique } from "./conformance-calls.ts";
import { type StoreUnderTest, textAt } from "./store-under-test.ts";

/** Leases, and failures that are left in their place. */
export function leasesConformance(subject: () => StoreUnderTest): void {
	const { store, coordination, acquire, commit, fill } = callsOn(subject);

	describe("a lease", () => {
		test("is held against every other token", async () => {
			const key = unique("t:");
			expect(await acquire(key, "one")).toEqual({ state: "won" });
			const second = await acquire(key, "two");
			expect(second.state).toBe("held");
			const { remainingMs } = second as Claim & { state: "held" };
			expect(remainingMs).toBeGreaterThan(0);
			expect(remainingMs).toBeLessThanOrEqual(LONG_MS);
		});

		test("is won by one of many who ask together", async () => {
			const key = unique("t:");
			const claims = await Promise.all(
				Array.from({ length: 20 }, (_, index) => acquire(key, `token-${index}`)),
			);
			expect(claims.filter(({ state }) => state === "won").length).toBe(1);
			expect(claims.filter(({ state }) => state === "held").length).toBe(19);
		});

		test("is still ours when we ask again", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			expect((await acquire(key, "one")).state).toBe("won");
			expect((await acquire(key, "two")).state).toBe("held");
		});

		test("25: ends by itself", async () => {
			const key = unique("t:");
			await acquire(key, "one", SHORT_MS);
			expect((await acquire(key, "two", SHORT_MS)).state).toBe("held");
			await subject().pass(SHORT_MS + 20);
			expect((await acquire(key, "two")).state).toBe("won");
		});

		test("23: shows its winner what was stored meanwhile", async () => {
			const key = unique("t:");
			await fill(key, "filled");
			const claim = (await acquire(key, "two")) as Claim & { state: "won" };
			expect(claim.state).toBe("won");
			expect(Buffer.from(claim.hit?.value ?? []).toString()).toBe("filled");
		});

		test("is given back by its holder and by nobody else", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			await coordination().release(key, "two");
			await coordination().release(key, "two", failure(1, 10));
			expect((await acquire(key, "two")).state).toBe("held");
			await coordination().release(key, "one");
			expect(await acquire(key, "two")).toEqual({ state: "won" });
		});

		test("of one key is nothing to another", async () => {
			const [key, longer] = [unique("t:"), unique("t:")];
			await acquire(key, "one");
			expect((await acquire(longer, "two")).state).toBe("won");
		});
	});

	describe("a failure", () => {
		test("26: is told to everybody until its back-off ends", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			await coordination().release(key, "one", failure(1, SHORT_MS, 502));
			for (const token of ["one", "two"]) {
				const claim = (await acquire(key, token)) as Claim & { state: "failing" };
				expect(claim).toMatchObject({ state: "failing", status: 502, failures: 1 });
				expect(claim.retryInMs).toBeGreaterThan(0);
				expect(claim.retryInMs).toBeLessThanOrEqual(SHORT_MS);
			}
			await subject().pass(SHORT_MS + 20);
			expect((await acquire(key, "two")).state).toBe("won");
		});

		test("26: is remembered beyond its back-off, so that the next one counts up", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			await coordination().release(key, "one", failure(4, SHORT_MS));
			await subject().pass(SHORT_MS + 20);
			expect(await acquire(key, "two")).toEqual({ state: "won", failures: 4 });
			await coordination().release(key, "two", failure(5, LONG_MS));
			expect(await acquire(key, "three")).toMatchObject({ state: "failing", failures: 5 });
		});

		test("26: is forgotten once a fill is stored", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			await coordination().release(key, "one", failure(2, 20));
			await subject().pass(60);
			await acquire(key, "two");
			expect(await commit(key, "value", "two")).toBe("stored");
			expect((await acquire(key, "three")) as { failures?: number }).not.toHaveProperty("failures");
		});

		test("leaves what is stored to be read", async () => {
			const key = unique("t:");
			await fill(key, "last good copy");
			await acquire(key, "one");
			await coordination().release(key, "one", failure(1, LONG_MS));
			expect(await textAt(store(), key)).toBe("last good copy");
		});
	});
}
