import { describe, expect, test } from "bun:test";
import type { Claim } from "../../src/cache/store.ts";
import { callsOn, failure, LONG_MS, SHORT_MS, unique } from "./conformance-calls.ts";
import { bytes, ODD_KEYS, type StoreUnderTest, textAt } from "./store-under-test.ts";

/** What is stored under a lease, and what makes an end of it. */
export function commitsConformance(subject: () => StoreUnderTest): void {
	const { store, coordination, marksOf, acquire, commit, fill } = callsOn(subject);

	describe("a commit", () => {
		test("stores the bytes for their time and gives the lease back", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			const held = { token: "one", generations: await marksOf(unique("a"), unique("b")) };
			expect(await coordination().commit(key, bytes("value"), SHORT_MS, held)).toBe("stored");
			expect(await textAt(store(), key)).toBe("value");
			expect((await acquire(key, "two")).state).toBe("won");
			await subject().pass(SHORT_MS + 20);
			expect(await textAt(store(), key)).toBeUndefined();
		});

		test("keeps binary and empty values as they are", async () => {
			const values = [Uint8Array.from({ length: 256 }, (_, index) => index), new Uint8Array()];
			for (const value of values) {
				const key = unique("t:");
				await acquire(key, "one");
				await coordination().commit(key, value, LONG_MS, { token: "one", generations: {} });
				expect(Buffer.from((await store().get(key))?.value ?? bytes("none"))).toEqual(Buffer.from(value));
				const claim = (await acquire(key, "two")) as Claim & { state: "won" };
				expect(Buffer.from(claim.hit?.value ?? bytes("none"))).toEqual(Buffer.from(value));
			}
		});

		test("8, 45: takes any text for a key", async () => {
			for (const key of ODD_KEYS) await fill(key, key, await marksOf(`tag of ${key}`));
			for (const key of ODD_KEYS) expect(await textAt(store(), key)).toBe(key);
			for (const key of ODD_KEYS) expect(await coordination().evict(key)).toBe(true);
		});

		test("is refused without a lease, and the second time", async () => {
			const key = unique("t:");
			expect(await commit(key, "unasked", "one")).toBe("lease-lost");
			expect(await textAt(store(), key)).toBeUndefined();
			await acquire(key, "one");
			expect(await commit(key, "first", "one")).toBe("stored");
			expect(await commit(key, "second", "one")).toBe("lease-lost");
			expect(await textAt(store(), key)).toBe("first");
		});

		test("25: is refused once the lease has run out", async () => {
			const key = unique("t:");
			await acquire(key, "one", SHORT_MS);
			await subject().pass(SHORT_MS + 20);
			expect(await commit(key, "late", "one")).toBe("lease-lost");
			expect(await textAt(store(), key)).toBeUndefined();
		});

		test("25: that comes late leaves what somebody else has stored since", async () => {
			const key = unique("t:");
			await acquire(key, "one", SHORT_MS);
			await subject().pass(SHORT_MS + 20);
			await acquire(key, "two");
			expect(await commit(key, "too early", "one")).toBe("lease-lost");
			expect(await commit(key, "current", "two")).toBe("stored");
			expect(await commit(key, "late", "one")).toBe("lease-lost");
			expect(await textAt(store(), key)).toBe("current");
		});

		test("42: is refused after the key was evicted", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			expect(await coordination().evict(key)).toBe(false);
			expect(await commit(key, "evicted", "one")).toBe("lease-lost");
			expect(await textAt(store(), key)).toBeUndefined();
		});

		for (const how of ["purge", "expire"] as const) {
			test(`42: is refused after a ${how} of one of its tags, and leaves the copy before`, async () => {
				const key = unique("t:");
				const [a, b] = [unique("a"), unique("b")];
				await fill(key, "before");
				await acquire(key, "one");
				const generations = await marksOf(a, b);
				await coordination().invalidate([b], how);
				expect(await commit(key, "outdated", "one", generations)).toBe("invalidated");
				expect(await textAt(store(), key)).toBe("before");
				expect((await acquire(key, "two")).state).toBe("won");
			});
		}

		test("41: is refused after a tag's mark was lost", async () => {
			const { loseMark } = subject();
			if (!loseMark) return;
			const [key, tag] = [unique("t:"), unique("tag")];
			await acquire(key, "one");
			const generations = await marksOf(tag);
			await loseMark(tag);
			expect(await commit(key, "outdated", "one", generations)).toBe("invalidated");
			expect(await textAt(store(), key)).toBeUndefined();
		});

		test("is not hindered by the invalidation of other tags", async () => {
			const [key, a, b] = [unique("t:"), unique("a"), unique("b")];
			await acquire(key, "one");
			const generations = await marksOf(a);
			await coordination().invalidate([b], "purge");
			expect(await commit(key, "value", "one", generations)).toBe("stored");
		});
	});

	describe("an eviction", () => {
		test("40: removes one entry, and says whether there was one", async () => {
			const [key, other] = [unique("t:"), unique("t:")];
			await fill(key, "one");
			await fill(other, "other");
			expect(await coordination().evict(key)).toBe(true);
			expect(await coordination().evict(key)).toBe(false);
			expect(await textAt(store(), key)).toBeUndefined();
			expect(await textAt(store(), other)).toBe("other");
		});

		test("frees the lease and forgets failures", async () => {
			const key = unique("t:");
			await acquire(key, "one");
			await coordination().evict(key);
			expect((await acquire(key, "two")).state).toBe("won");
			await coordination().release(key, "two", failure(3, LONG_MS));
			await coordination().evict(key);
			expect(await acquire(key, "three")).toEqual({ state: "won" });
		});
	});
}
