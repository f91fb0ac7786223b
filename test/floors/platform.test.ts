import { describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { Glob } from "bun";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ENTRY_POINTS = /^src\/(server|worker)\.ts$|^src\/(cli|server)\//;
const COMMENTS = /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm;

const sources = [...new Glob("{src,db}/**/*.ts").scanSync(root)].filter((file) => !ENTRY_POINTS.test(file));

async function mentioning(pattern: RegExp): Promise<string[]> {
	const texts = await Promise.all(sources.map((file) => Bun.file(root + file).text()));
	return sources.filter((_, index) => pattern.test((texts[index] ?? "").replaceAll(COMMENTS, "")));
}

describe("outside of the entry points", () => {
	test("there are sources to look at", () => {
		expect(sources).toContain("src/app.ts");
	});

	test("nothing uses Bun's own functions", async () => {
		expect(await mentioning(/\bBun\s*[.[]/)).toEqual([]);
	});

	test("nothing reads the environment", async () => {
		expect(await mentioning(/\bprocess\s*\.\s*env\b|\bimport\.meta\.env\b/)).toEqual([]);
	});

	test("nothing reads the clock of the system, but the one place that offers it", async () => {
		expect(await mentioning(/\bDate\.now\(|\bnew Date\(\)/)).toEqual(["src/lib/clock.ts"]);
	});
});
