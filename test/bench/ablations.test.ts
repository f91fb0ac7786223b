import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { ablations } from "../../bench/ablations/changes.ts";
import { without } from "../../bench/ablations/copy.ts";

const CACHE = new URL("../../src/cache/", import.meta.url);

test.each(ablations.map((one) => [one.name, one] as const))(
	"can be taken out of the cache: %s",
	async (_, one) => {
		const code = await readFile(new URL(one.file, CACHE), "utf8");
		const less = without(code, one);
		expect(less).toContain(one.instead);
		expect(less).not.toContain(one.text);
	},
);

test("what does not stand in the code exactly once cannot be taken out", () => {
	const [one] = ablations;
	if (!one) throw new Error("There are no ablations");
	for (const code of ["", "something else", `${one.text}\n${one.text}`]) {
		expect(() => without(code, one)).toThrow(one.file);
	}
});
