import { describe, expect, test } from "bun:test";
import { cacheKey, type KeyParts } from "../../src/cache/key.ts";

const BASE: KeyParts = { policy: "areas", prefix: "areas:", version: 1, caller: [], input: {} };

function keyOf(input: unknown, parts: Partial<KeyParts> = {}): string {
	return cacheKey({ ...BASE, ...parts, input }).digest;
}

describe("a cache key", () => {
	test("shows its prefix, followed by 32 hexadecimal digits", () => {
		expect(cacheKey(BASE).name).toMatch(/^areas:[0-9a-f]{32}$/);
	});

	test("does not depend on the order of members, nor on absent ones", () => {
		expect(keyOf({ a: 1, b: { c: 2, d: 3 } })).toBe(keyOf({ b: { d: 3, c: 2 }, a: 1, e: undefined }));
	});

	test.each([
		["the number 1 and the text 1", 1, "1"],
		["null and absent", { a: null }, {}],
		["null and the text null", null, "null"],
		["an empty list and an empty object", [], {}],
		["true and the text true", true, "true"],
		["parts with a separator inside", ["a:b", "c"], ["a", "b:c"]],
		["nested and flat lists", [["a"], "b"], ["a", ["b"]]],
		["a member's name and its value", { a: "b" }, { b: "a" }],
		["empty text and nothing", [""], []],
		["a text with NUL", "a\0b", "ab"],
		["emoji that differ", "🏠", "🏡"],
		["an own member named __proto__ and none", JSON.parse('{"__proto__": 1}'), {}],
		["an own member named constructor and none", { constructor: 1 }, {}],
		["halves of different characters", "\ud800", "\ud801"],
		["half a character and its replacement", "\ud800", "\ufffd"],
		["10 kB that differ in the last letter", `${"x".repeat(10_000)}a`, `${"x".repeat(10_000)}b`],
	])("tells apart %s", (_, left, right) => {
		expect(keyOf(left)).not.toBe(keyOf(right));
	});

	test("tells apart policies, versions and callers with equal input", () => {
		const keys = [
			keyOf("x"),
			keyOf("x", { policy: "other" }),
			keyOf("x", { version: 2 }),
			keyOf("x", { caller: ["u1", "1"] }),
			keyOf("x", { caller: ["u1", "2"] }),
			keyOf("x", { caller: ["u11", ""] }),
		];
		expect(new Set(keys).size).toBe(keys.length);
	});

	test("refuses values that have no one plain form", () => {
		expect(() => keyOf({ a: () => 1 })).toThrow("cannot hold a function");
		expect(() => keyOf(new Map())).toThrow("plain values only");
	});
});
