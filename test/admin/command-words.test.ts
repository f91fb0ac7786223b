import { expect, test } from "bun:test";
import { readCommand, USAGE, wholeNumber } from "../../src/cli/cache/command.ts";

test("a command is its name, its words and its options", () => {
	const { name, words, values } = readCommand([
		"explain",
		"GET",
		"/api/areas/buy",
		"--json",
		"--as",
		"a@b.example",
	]);
	expect([name, words]).toEqual(["explain", ["GET", "/api/areas/buy"]]);
	expect(values).toMatchObject({ json: true, as: "a@b.example" });
	expect(readCommand(["purge", "--tag", "model", "--tag", "area:12"]).values.tag).toEqual([
		"model",
		"area:12",
	]);
});

test.each<[string[], string]>([
	[[], USAGE],
	[["nonsense"], USAGE],
	[["toString"], USAGE],
	[["entry"], USAGE],
	[["entry", "one", "two"], USAGE],
	[["stats", "now"], USAGE],
	[["stats", "--tag", "model"], "stats takes no --tag"],
	[["purge", "--limit", "1"], "purge takes no --limit"],
	[["stats", "--nonsense"], "Unknown option '--nonsense'"],
	[["purge", "--tag"], "argument missing"],
])("%j is refused in a sentence", (args, sentence) => {
	expect(() => readCommand(args)).toThrow(sentence);
});

test.each(["0", "-1", "1.5", "1e2", "x", "", " 1", "501", "9999999999"])(
	"%j is no whole number from 1 to 500",
	(text) => {
		expect(() => wholeNumber(text, "limit", [1, 500])).toThrow(
			"--limit must be a whole number from 1 to 500.",
		);
	},
);

test("a whole number is one", () => {
	expect([wholeNumber("1", "limit", [1, 500]), wholeNumber("500", "limit", [1, 500])]).toEqual([1, 500]);
});
