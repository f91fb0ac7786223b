import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { CacheStore } from "../../src/cache/index.ts";
import { eventually } from "../support/eventually.ts";

export interface StoreUnderTest {
	store: CacheStore;
	/** Moves the store's clock, where that is ours; a real server has its own. */
	pass?(ms: number): void;
	close?(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** What every store that keeps something must do. */
export function storeConformance(name: string, make: () => Promise<StoreUnderTest>): void {
	describe(`store ${name}`, () => {
		let subject: StoreUnderTest;
		beforeAll(async () => {
			subject = await make();
		});
		afterAll(async () => {
			await subject.close?.();
		});

		test("has a short fixed name", () => {
			expect(subject.store.name).toMatch(/^[a-z]+$/);
		});

		test("knows nothing of a key that was never set", async () => {
			expect(await subject.store.get("t:absent")).toBeUndefined();
		});

		test("gives back the bytes it was given", async () => {
			const value = Uint8Array.from({ length: 256 }, (_, index) => index);
			await subject.store.set("t:bytes", value, 60_000);
			const hit = await subject.store.get("t:bytes");
			expect(Buffer.from(hit?.value ?? [])).toEqual(Buffer.from(value));
		});

		test("keeps an empty value apart from none", async () => {
			await subject.store.set("t:empty", new Uint8Array(), 60_000);
			expect((await subject.store.get("t:empty"))?.value.byteLength).toBe(0);
		});

		test("replaces what was there", async () => {
			await subject.store.set("t:twice", bytes("one"), 60_000);
			await subject.store.set("t:twice", bytes("two"), 60_000);
			expect(Buffer.from((await subject.store.get("t:twice"))?.value ?? []).toString()).toBe("two");
		});

		test("says on deleting whether there was something", async () => {
			await subject.store.set("t:gone", bytes("x"), 60_000);
			expect(await subject.store.delete("t:gone")).toBe(true);
			expect(await subject.store.delete("t:gone")).toBe(false);
			expect(await subject.store.get("t:gone")).toBeUndefined();
		});

		test("drops an entry when its time has run out", async () => {
			await subject.store.set("t:brief", bytes("x"), 30);
			subject.pass?.(60);
			await eventually(async () => expect(await subject.store.get("t:brief")).toBeUndefined());
		});

		test("takes any text for a key", async () => {
			for (const key of ["t:*", "t:[a]?", "t:__proto__", "t:\0", "t: ü 🏠", `t:${"k".repeat(2_000)}`]) {
				await subject.store.set(key, bytes(key), 60_000);
				expect(Buffer.from((await subject.store.get(key))?.value ?? []).toString()).toBe(key);
			}
		});

		describe("generations", () => {
			const coordination = () => {
				const found = subject.store.coordination;
				if (!found) throw new Error("the store declares no coordination");
				return found;
			};

			test("stay the same until their tag is invalidated", async () => {
				const before = await coordination().generations(["a", "b"]);
				expect(new Set(before).size).toBe(2);
				expect(await coordination().generations(["b", "a"])).toEqual([...before].reverse());
				await coordination().invalidate(["a"]);
				const after = await coordination().generations(["a", "b"]);
				expect(after[0]).not.toBe(before[0]);
				expect(after[1]).toBe(before[1]);
			});

			test("are agreed on by all who ask for a new tag together", async () => {
				const answers = await Promise.all(
					Array.from({ length: 20 }, () => coordination().generations(["fresh-tag"])),
				);
				expect(new Set(answers.flat()).size).toBe(1);
			});

			test("of no tags are none", async () => {
				expect(await coordination().generations([])).toEqual([]);
				await coordination().invalidate([]);
			});
		});
	});
}
