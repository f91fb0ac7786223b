import { describe, expect, test } from "bun:test";
import { deltaSeconds, parseCacheControl } from "../../src/cache/http/cache-control.ts";
import { seededRandom } from "./support/random.ts";

function parsed(header: string): Record<string, readonly string[]> {
	return Object.fromEntries(parseCacheControl(header));
}

describe("Cache-Control", () => {
	test.each([
		["no-store", { "no-store": [""] }],
		["No-STORE", { "no-store": [""] }],
		["  private ,\tmax-age=5  ", { private: [""], "max-age": ["5"] }],
		["public,max-age=60,must-revalidate", { public: [""], "max-age": ["60"], "must-revalidate": [""] }],
		["max-age = 60", { "max-age": ["60"] }],
		['max-age="60"', { "max-age": ["60"] }],
		['no-cache="Set-Cookie, X-A", max-age=3', { "no-cache": ["Set-Cookie, X-A"], "max-age": ["3"] }],
		['ext="a, no-store", max-age=5', { ext: ["a, no-store"], "max-age": ["5"] }],
		['ext="a \\"no-store\\" b", public', { ext: ['a "no-store" b'], public: [""] }],
		["max-age=5, max-age=10", { "max-age": ["5", "10"] }],
		["no-store=1", { "no-store": ["1"] }],
		['private=""', { private: [""] }],
		["my-no-store, x-private", { "my-no-store": [""], "x-private": [""] }],
		[", ,max-age=1,", { "max-age": ["1"] }],
		["", {}],
	])("12: %s is read", (header, expected) => {
		expect(parsed(header)).toEqual(expected);
	});

	test.each([
		["a quote that never ends", 'x="unterminated, no-store'],
		["a missing comma", "max-age=60 no-store"],
		["stray marks", ';;="" no-store'],
	])("12: with %s still forbids", (_, header) => {
		expect(parseCacheControl(header).has("no-store")).toBe(true);
	});

	test("is empty where the header is absent", () => {
		expect(parseCacheControl(null).size + parseCacheControl(undefined).size).toBe(0);
	});

	test("8: may have directives named like what every object has", () => {
		const directives = parseCacheControl("__proto__=1, constructor");
		expect([...directives.keys()]).toEqual(["__proto__", "constructor"]);
		expect(parseCacheControl("public").has("constructor")).toBe(false);
	});

	test("of any characters never throws", () => {
		const random = seededRandom(11);
		const alphabet = [...'abno-store="\\,; \t\0é🏠0123456789'];
		for (let round = 0; round < 2_000; round += 1) {
			const length = Math.floor(random() * 60);
			const header = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
			expect(() => deltaSeconds(parseCacheControl(header), "max-age")).not.toThrow();
		}
	});

	test("of great length is read in a moment", () => {
		for (const piece of ['a="', 'a="\\', "a=", "=", "a ", '\\"']) {
			const begun = performance.now();
			parseCacheControl(piece.repeat(10_000));
			expect(performance.now() - begun).toBeLessThan(1_000);
		}
	});
});

describe("a number of seconds", () => {
	test.each([
		["max-age=60", 60],
		['max-age="60"', 60],
		["max-age=0", 0],
		["max-age=060", 60],
		["max-age=99999999999999999999", 2 ** 31],
		["public", undefined],
		["max-age=30, max-age=10", 10],
		["max-age=60, max-age=0", 0],
	])("12: %s", (header, expected) => {
		expect(deltaSeconds(parseCacheControl(header), "max-age")).toBe(expected);
	});

	test.each([
		"max-age",
		"max-age=",
		"max-age=abc",
		"max-age=-1",
		"max-age=1.5",
		"max-age=1e3",
		"max-age: 60",
	])("12: %s, which is none, counts as 0", (header) => {
		expect(deltaSeconds(parseCacheControl(header), "max-age")).toBe(0);
	});
});
