import { describe, expect, test } from "bun:test";
import { cutUp, gather } from "../../src/admin/parts.ts";

/** What the bus takes in one item. */
const MOST_CHARS = 4_096;

describe("a text that is cut up", () => {
	test.each(["", "short", "x".repeat(3_900), "é€😀 \n".repeat(5_000)])(
		"is put together again, whatever the order of its parts",
		(text) => {
			const parts = cutUp("an-instance", text);
			for (const part of parts) expect(part.length).toBeLessThanOrEqual(MOST_CHARS);
			const { hear, texts } = gather();
			hear(parts.toReversed());
			expect(texts()).toEqual([["an-instance", text]]);
		},
	);

	test("of which a part is missing is nothing", () => {
		const [, ...rest] = cutUp("one", "x".repeat(10_000));
		const { hear, texts } = gather();
		hear(rest);
		expect(texts()).toEqual([]);
	});

	test("is kept apart from those of others", () => {
		const { hear, texts } = gather();
		hear([...cutUp("one", "1"), ...cutUp("two", "2")]);
		expect(texts()).toEqual([
			["one", "1"],
			["two", "2"],
		]);
	});
});

test("what is no part is ignored", () => {
	const { hear, texts } = gather();
	hear([
		"",
		"one",
		"one 1/1 x",
		"one 0/0 x",
		"one 0/999 x",
		"one -1/1 x",
		"o ne 0/1 x",
		"one 0/1x",
		"é 0/1 x",
	]);
	expect(texts()).toEqual([]);
	hear(["one 0/2 a", "one 1/3 b", "one 1/2 b"]);
	expect(texts()).toEqual([["one", "ab"]]);
});

test("no more instances are listened to than there could be", () => {
	const { hear, texts } = gather();
	hear(Array.from({ length: 5_000 }, (_, index) => `instance-${index} 0/1 x`));
	expect(texts().length).toBeLessThan(500);
});
