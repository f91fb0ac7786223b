import { describe, expect, test } from "bun:test";
import { left, right, table } from "../../src/cli/cache/table.ts";
import { duration, milliseconds, printable, share, size } from "../../src/cli/cache/units.ts";

test.each([
	[0, "0 B"],
	[999, "999 B"],
	[1_000, "1.00 kB"],
	[45_678, "45.7 kB"],
	[999_400, "999 kB"],
	[999_600, "1.00 MB"],
	[64 * 1024 * 1024, "67.1 MB"],
	[5e12, "5.00 TB"],
	[null, "-"],
])("%j bytes are %s", (bytes, text) => {
	expect(size(bytes)).toBe(text);
});

test.each([
	[0, "0 s"],
	[59.6, "1 min"],
	[200, "3 min 20 s"],
	[3_600, "1 h"],
	[90_061, "1 d 1 h"],
	[-75, "-1 min 15 s"],
	[undefined, "-"],
])("%j seconds are %s", (seconds, text) => {
	expect(duration(seconds)).toBe(text);
});

test.each([
	[0.04, "0.04 ms"],
	[12.4, "12 ms"],
	[1_500, "1.50 s"],
	[null, "-"],
])("%j milliseconds are %s", (ms, text) => {
	expect(milliseconds(ms)).toBe(text);
});

test("a share is a percentage, and nothing where nothing was asked", () => {
	expect([share(0.98765), share(0), share(null)]).toEqual(["98.8 %", "0.0 %", "-"]);
});

describe("a table", () => {
	test("is aligned, figures at the right", () => {
		const text = table(
			[left("name"), right("count")],
			[
				["areas", "7"],
				["x", "1,234,567"],
			],
		);
		expect(text).toBe("name       count\nareas          7\nx      1,234,567");
	});

	test("cannot steer the terminal by what is in it", () => {
		const text = table([left("key")], [["areas:\u001B[2J\r\n\u0007\u202Eevil"]]);
		expect(text.split("\n")).toHaveLength(2);
		for (const character of "\u001B\r\u0007\u202E") expect(text).not.toContain(character);
		expect(printable("plain é 😀")).toBe("plain é 😀");
	});
});
