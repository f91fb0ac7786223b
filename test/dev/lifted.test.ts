import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lift } from "../../scripts/lifted/lift.ts";

let root: string;
let folder: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "retyn-lift-from-"));
	folder = await mkdtemp(join(tmpdir(), "retyn-lift-to-"));
	await write({
		"package.json": JSON.stringify({
			dependencies: { kept: "1.0.0", "@a-scope/kept": "2.0.0", unused: "3.0.0" },
			devDependencies: { deep: "4.0.0" },
		}),
		"tsconfig.json": '{ "compilerOptions": { "strict": true } }',
		...packageOf("kept", 'export { below } from "below";'),
		...packageOf("below", "export const below = 1;"),
		...packageOf("@a-scope/kept", "export const scoped = 2;"),
		...packageOf("unused", "export const unused = 3;"),
		...packageOf("deep", "export const deep = 4;"),
		"src/lib/clock.ts": "export const now = 5;",
		"src/cache/index.ts": 'export { below } from "kept";\nexport type { Scoped } from "@a-scope/kept/types";',
		"test/cache/support/leaks.ts": "",
		"test/cache/index.test.ts": `import { expect, test } from "bun:test";
			import { below } from "../../src/cache/index.ts";
			test("works", () => expect(below).toBe(1));`,
	});
});
afterEach(() => Promise.all([root, folder].map((path) => rm(path, { recursive: true, force: true }))));

describe("the cache, lifted out", () => {
	test("comes with the packages that it and its tests import, by value or by type, and no others", async () => {
		expect(await lift(root, folder)).toEqual({ "@a-scope/kept": "2.0.0", kept: "1.0.0" });
		expect((await readdir(join(folder, "node_modules"))).sort()).toEqual(["@a-scope", "bun-types", "kept"]);
		expect(await readdir(join(folder, "src"))).toEqual(["cache"]);
	});

	test("runs its tests, with what the packages themselves need", async () => {
		await lift(root, folder);
		expect(testIn(folder)).toMatchObject({ status: 0, output: expect.stringContaining("1 pass") });
	});

	test("fails when it imports another part of the project", async () => {
		await write({ "src/cache/index.ts": 'export { now as below } from "../lib/clock.ts";' });
		await lift(root, folder);
		expect(testIn(folder)).toMatchObject({
			status: 1,
			output: expect.stringContaining("Cannot find module"),
		});
	});

	test("is refused with a package that the project does not list", async () => {
		await write({ "test/cache/more.test.ts": 'import { x } from "nowhere/deep/in-it";' });
		await expect(lift(root, folder)).rejects.toThrow("imports nowhere, which package.json does not list");
	});
});

function packageOf(name: string, text: string): Record<string, string> {
	return {
		[`node_modules/${name}/package.json`]: JSON.stringify({ name, type: "module", main: "index.js" }),
		[`node_modules/${name}/index.js`]: text,
	};
}

async function write(files: Record<string, string>): Promise<void> {
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), { recursive: true });
		await writeFile(join(root, path), text);
	}
}

function testIn(cwd: string): { status: number | null; output: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["test"], { cwd, encoding: "utf8" });
	return { status, output: `${stdout}${stderr}` };
}
