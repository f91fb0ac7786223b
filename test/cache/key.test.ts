import { describe, expect, test } from "bun:test";
import { cacheKey, type KeyParts } from "../../src/cache/key.ts";

const BASE: KeyParts = { policy: "areas", prefix: "areas:", version: 1, caller: [], input: {} };

function keyOf(input: unknown, parts: Partial<KeyParts> = {}): string {
	return cacheKey({ ...BASE, ...parts, input }).digest;
}

function nested(levels: number): unknown {
	let value: unknown = "innermost";
	for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { value };
	return value;
}

describe("a cache key", () => {
	test("8: shows its prefix, followed by 32 hexadecimal digits of its digest, however long the input", () => {
		for (const input of [{}, "x".repeat(10_000), nested(60)]) {
			const { name, digest } = cacheKey({ ...BASE, input });
			expect(name).toMatch(/^areas:[0-9a-f]{32}$/);
			expect(digest).toMatch(/^[0-9a-f]{64}$/);
			expect(digest).toStartWith(name.slice("areas:".length));
		}
	});

	test("2: does not depend on the order of members, nor on absent ones", () => {
		expect(keyOf({ a: 1, b: { c: 2, d: 3 } })).toBe(keyOf({ b: { d: 3, c: 2 }, a: 1, e: undefined }));
	});

	test("8: is the same for equal input of any kind", () => {
		for (const input of [
			"",
			"a\0b",
			"🏠",
			"\ud800",
			"x".repeat(10_000),
			JSON.parse('{"__proto__":1}'),
			10n,
			nested(64),
		]) {
			expect(keyOf(structuredClone(input))).toBe(keyOf(input));
		}
	});

	test.each([
		["the number 1 and the text 1", 1, "1"],
		["0 and -0", 0, -0],
		["the number 1 and the large integer 1", 1, 1n],
		["null and absent", { a: null }, {}],
		["null and the text null", null, "null"],
		["an empty list and an empty object", [], {}],
		["true and the text true", true, "true"],
		["parts with a separator inside", ["a:b", "c"], ["a", "b:c"]],
		["texts that look like the encoding", ["s1:a", "s1:b"], ["s1:as4:s1:b"]],
		["texts with the mark of a text inside", ["as:b", "c"], ["a", "bs:c"]],
		["nested and flat lists", [["a"], "b"], ["a", ["b"]]],
		["lists with holes in different places", [undefined, 1], [1, undefined]],
		// biome-ignore lint/suspicious/noSparseArray: as little as another list may it share a key
		["a hole and no hole", [, 1], [1, ,]],
		["a member's name and its value", { a: "b" }, { b: "a" }],
		["empty text and nothing", [""], []],
		["a text with NUL", "a\0b", "ab"],
		["NUL at different places", ["a\0", "b"], ["a", "\0b"]],
		["emoji that differ", "🏠", "🏡"],
		["an own member named __proto__ and none", JSON.parse('{"__proto__": 1}'), {}],
		[
			"values of an own member named __proto__",
			JSON.parse('{"__proto__": 1}'),
			JSON.parse('{"__proto__": 2}'),
		],
		["an own member named constructor and none", { constructor: 1 }, {}],
		["halves of different characters", "\ud800", "\ud801"],
		["half a character and its replacement", "\ud800", "\ufffd"],
		["half a character and how it is written out", "\ud800", '"\\ud800"'],
		["10 kB that differ in the last letter", `${"x".repeat(10_000)}a`, `${"x".repeat(10_000)}b`],
		["an instant and its number", new Date(5), 5],
		["depths of nesting", nested(20), nested(21)],
	])("8: tells apart %s", (_, left, right) => {
		expect(keyOf(left)).not.toBe(keyOf(right));
	});

	test("6, 7, 9: tells apart policies, versions, tenants and callers with equal input", () => {
		const keys = [
			keyOf("x"),
			keyOf("x", { policy: "other" }),
			keyOf("x", { version: 2 }),
			keyOf("x", { caller: ["u1", "1"] }),
			keyOf("x", { caller: ["u1", "2"] }),
			keyOf("x", { caller: ["u11", ""] }),
			keyOf("x", { caller: ["u1:1"] }),
			keyOf("x", { caller: ["u1", "1", ""] }),
		];
		expect(new Set(keys).size).toBe(keys.length);
	});

	test("7: does not let a policy, a tenant or an input pass for another by a separator in it", () => {
		const keys = [
			keyOf("x", { policy: "a", caller: ["b"] }),
			keyOf("x", { policy: "a:b", caller: [] }),
			keyOf("b:x", { policy: "a", caller: [] }),
			keyOf(["b", "x"], { policy: "a", caller: [] }),
			keyOf({ tenant: "t:1", id: "2" }, { policy: "a" }),
			keyOf({ tenant: "t", id: "1:2" }, { policy: "a" }),
			keyOf("x", { policy: "a;1;s1:b" }),
			keyOf("x", { policy: "a", caller: ["s1:b"] }),
		];
		expect(new Set(keys).size).toBe(keys.length);
	});

	test("8: never joins random parts that are not equal", () => {
		const pieces = ["", "a", ":", "s1:a", "a:", "\0", "1"];
		const seen = new Map<string, string>();
		for (const first of pieces)
			for (const second of pieces)
				for (const third of pieces)
					for (const input of [
						[first, second, third],
						[first, [second, third]],
						[[first, second], third],
						{ [first]: second, z: third },
						first + second + third,
					]) {
						const written = JSON.stringify(input);
						const digest = keyOf(input);
						expect(seen.get(digest) ?? written).toBe(written);
						seen.set(digest, written);
					}
	});

	test("refuses values that have no one plain form", () => {
		expect(() => keyOf({ a: () => 1 })).toThrow("cannot hold a function");
		expect(() => keyOf(Symbol("a"))).toThrow("cannot hold a symbol");
		expect(() => keyOf(new Map())).toThrow("plain values only");
	});

	test("8: takes 64 levels of nesting, and says so of more, even without an end", () => {
		expect(() => keyOf(nested(64))).not.toThrow();
		expect(() => keyOf(nested(65))).toThrow(new TypeError("A cache key cannot hold more than 64 levels"));
		const circle: unknown[] = [];
		circle.push(circle);
		expect(() => keyOf(circle)).toThrow("more than 64 levels");
	});
});
