import { describe, expect, test } from "bun:test";
import { compareMarks } from "../../src/cache/tags.ts";
import { callsOn, unique } from "./conformance-calls.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

/** Marks of tags, as `store.ts` and `tags.ts` describe them. */
export function marksConformance(subject: () => StoreUnderTest): void {
	const { coordination, markOf } = callsOn(subject);

	describe("marks", () => {
		test("41: stay the same until their tag is invalidated", async () => {
			const [a, b] = [unique("a"), unique("b")];
			const before = await coordination().generations([a, b]);
			expect(new Set(before).size).toBe(2);
			expect(await coordination().generations([b, a, b])).toEqual([
				before[1],
				before[0],
				before[1],
			] as string[]);
			await coordination().invalidate([a], "purge");
			const after = await coordination().generations([a, b]);
			expect(after[0]).not.toBe(before[0]);
			expect(after[1]).toBe(before[1] as string);
		});

		test("40: tell what was purged from what was expired", async () => {
			const tag = unique("tag");
			const first = await markOf(tag);
			await coordination().invalidate([tag], "expire");
			const second = await markOf(tag);
			await coordination().invalidate([tag], "expire");
			const third = await markOf(tag);
			expect([compareMarks(first, second), compareMarks(second, third)]).toEqual(["expired", "expired"]);
			await coordination().invalidate([tag], "purge");
			expect(compareMarks(third, await markOf(tag))).toBe("purged");
			expect(compareMarks(first, await markOf(tag))).toBe("purged");
		});

		test("are made by an invalidation of a tag that has none", async () => {
			const tags = [unique("new"), unique("new")];
			await coordination().invalidate([tags[0] as string], "expire");
			await coordination().invalidate([tags[1] as string], "purge");
			const marks = await coordination().generations(tags);
			expect(new Set(marks).size).toBe(2);
			expect(await coordination().generations(tags)).toEqual(marks);
		});

		test("are agreed on by all who ask for a new tag together", async () => {
			const tag = unique("tag");
			const answers = await Promise.all(Array.from({ length: 20 }, () => coordination().generations([tag])));
			expect(new Set(answers.flat()).size).toBe(1);
		});

		test("of no tags are none", async () => {
			expect(await coordination().generations([])).toEqual([]);
			await coordination().invalidate([], "purge");
			await coordination().invalidate([], "expire");
		});

		test("40: of tags that begin alike or hold glob characters stay apart", async () => {
			const id = unique("");
			const tags = [`users${id}`, `users${id}Abc`, `users${id}*`, `users${id}?`, `[u]${id}`, `{u}${id}`];
			const before = await coordination().generations(tags);
			for (const purged of [`users${id}`, `users${id}*`]) await coordination().invalidate([purged], "purge");
			const after = await coordination().generations(tags);
			expect(tags.filter((_, index) => before[index] !== after[index])).toEqual([
				`users${id}`,
				`users${id}*`,
			]);
		});

		test("41: that were lost match no entry that was stored before", async () => {
			const { loseMark } = subject();
			if (!loseMark) return;
			const tag = unique("lost");
			const before = await markOf(tag);
			await loseMark(tag);
			expect(compareMarks(before, await markOf(tag))).toBe("purged");
		});
	});
}
