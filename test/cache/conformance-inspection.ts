import { describe, expect, test } from "bun:test";
import type { Inspection } from "../../src/cache/store.ts";
import { callsOn, LONG_MS, unique } from "./conformance-calls.ts";
import { bytes, type StoreUnderTest, textAt } from "./store-under-test.ts";
import { eventually } from "./support/eventually.ts";
import { namesIn, pagesOf } from "./support/walk.ts";

/** What can be seen of a store from outside. */
export function inspectionConformance(subject: () => StoreUnderTest): void {
	const { store, acquire, marksOf, fill } = callsOn(subject);
	const inspection = (): Inspection => {
		const found = store().inspection;
		if (!found) throw new Error("the store declares no inspection");
		return found;
	};
	const put = (keys: readonly string[]) =>
		Promise.all(keys.map((key) => store().set(key, bytes(key), LONG_MS)));

	describe("inspection", () => {
		test("lists the entries that begin with a prefix, and no others, page by page", async () => {
			const id = unique("t:");
			const keys = Array.from({ length: 45 }, (_, index) => `${id}:${index}`).sort();
			await put([...keys, `${id}`, `x${id}:1`, `${id.toUpperCase()}:1`]);
			const pages = await pagesOf(inspection(), `${id}:`, 10);
			expect(pages.length).toBeGreaterThan(1);
			expect([...new Set(pages.flat())].sort()).toEqual(keys);
			expect(await namesIn(inspection(), `${id}:`)).toEqual(keys);
			expect(await namesIn(inspection(), unique("none:"))).toEqual([]);
		});

		test("lists what a prefix says and not what it could be taken for", async () => {
			const id = unique("t:");
			const keys = ["*", "?", "[a]", "a", "\\", "\\*", "{a}b", "{b", "%7Bb", "%", "ü 🏠", "\n"].map(
				(end) => id + end,
			);
			await put(keys);
			for (const prefix of keys) {
				const expected = keys.filter((key) => key.startsWith(prefix)).sort();
				expect(await namesIn(inspection(), prefix)).toEqual(expected);
			}
			expect(await namesIn(inspection(), id)).toEqual(keys.sort());
		});

		test("lists all entries for an empty prefix; marks, leases and failures are none", async () => {
			const [key, leased, failed] = [unique("t:"), unique("t:"), unique("t:")];
			await fill(key, "value", await marksOf(unique("tag")));
			await acquire(leased, "one");
			await acquire(failed, "one");
			await store().coordination?.release(failed, "one", { status: 500, failures: 1, retryInMs: LONG_MS });
			const names = await namesIn(inspection(), "");
			expect(names).toContain(key);
			expect(names).not.toContain(leased);
			expect(names).not.toContain(failed);
			expect(names.filter((name) => /^(tag|lease|state):/.test(name))).toEqual([]);
			for (const prefix of ["tag:", "lease:", "lease:{t:", "state:"]) {
				expect(await namesIn(inspection(), prefix)).toEqual([]);
			}
		});

		test("does not list what was deleted or has run out, nor finds anything there", async () => {
			const id = unique("t:");
			await put([`${id}:gone`, `${id}:kept`]);
			await store().set(`${id}:brief`, bytes("x"), 30);
			await store().delete(`${id}:gone`);
			await subject().pass(60);
			await eventually(async () => expect(await namesIn(inspection(), id)).toEqual([`${id}:kept`]));
			const found = await inspection().peek([`${id}:gone`, `${id}:kept`, `${id}:brief`], 10);
			expect(found.map((peeked) => peeked !== undefined)).toEqual([false, true, false]);
		});

		test("ends without an error from a cursor that nobody gave", async () => {
			const id = unique("t:");
			await put([`${id}:1`]);
			for (const cursor of [
				"",
				"/",
				"zzz",
				"/x",
				"/99999999999999999999",
				"/18446744073709551616",
				"-1",
				"~/1",
			]) {
				const pages = await pagesOf(inspection(), id, 10, cursor);
				expect([[], [`${id}:1`]]).toContainEqual([...new Set(pages.flat())]);
			}
		});

		test("tells of each key how long it is, how long it is kept, and how it begins", async () => {
			const id = unique("t:");
			const long = Uint8Array.from({ length: 1_000 }, (_, index) => index % 256);
			await store().set(`${id}:long`, long, LONG_MS);
			await store().set(`${id}:{short}`, bytes("ab"), LONG_MS);
			await store().set(`${id}:empty`, new Uint8Array(), LONG_MS);
			await subject().pass(20);
			const keys = ["long", "none", "{short}", "empty", "long"].map((end) => `${id}:${end}`);
			const found = await inspection().peek(keys, 300);
			expect(found.map((peeked) => peeked?.bytes)).toEqual([1_000, undefined, 2, 0, 1_000]);
			const heads = found.map((peeked) => peeked && Buffer.from(peeked.head));
			const head = Buffer.from(long.subarray(0, 300));
			expect(heads).toEqual([head, undefined, Buffer.from("ab"), Buffer.from(""), head]);
			for (const peeked of found) {
				if (peeked) expect(peeked.remainingMs).toBeWithin(1, LONG_MS - 19);
			}
			expect(await inspection().peek([], 10)).toEqual([]);
		});

		test("gives the whole where more is asked for than there is", async () => {
			const key = unique("t:");
			await put([key]);
			const [peeked] = await inspection().peek([key], Number.MAX_SAFE_INTEGER);
			expect(Buffer.from(peeked?.head ?? []).toString()).toBe(key);
			expect(await textAt(store(), key)).toBe(key);
		});

		test("says how much there is", async () => {
			const before = await inspection().usage();
			const id = unique("t:");
			const keys = Array.from({ length: 20 }, (_, index) => `${id}:${index}`);
			await Promise.all(keys.map((key) => store().set(key, new Uint8Array(10_000), LONG_MS)));
			const usage = await inspection().usage();
			expect(usage.usedBytes - before.usedBytes).toBeGreaterThan(150_000);
			expect(usage.entries - before.entries).toBeGreaterThan(15);
			expect(usage.evictions).toBeGreaterThanOrEqual(before.evictions);
			await Promise.all(keys.map((key) => store().delete(key)));
		});
	});
}
