import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import ts from "typescript";
import { TerminalError } from "../../src/cli/terminal.ts";

const FOLDERS = ["src/cache", "test/cache"];
const BUNFIG = `[test]\nroot = "test"\npreload = ["./test/cache/support/leaks.ts"]\ncoverageSkipTestFiles = true\n`;
/** What the tests are run and type-checked with. */
const TOOLS = ["bun-types"];

/**
 * Makes a project of the cache and its tests alone: both folders, and of the installed packages those that they import.
 * What they import besides is not there.
 *
 * @param root the project that holds them
 * @param folder an empty one
 * @returns the packages, as name and version
 * @throws {TerminalError} for a package that the project does not list
 */
export async function lift(root: string, folder: string): Promise<Record<string, string>> {
	for (const part of FOLDERS) await cp(join(root, part), join(folder, part), { recursive: true });
	const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
	const listed: Record<string, string> = { ...manifest.devDependencies, ...manifest.dependencies };
	const dependencies: Record<string, string> = {};
	for (const name of await importedPackages(folder)) {
		const version = listed[name];
		if (!version)
			throw new TerminalError(`${FOLDERS.join(" or ")} imports ${name}, which package.json does not list.`);
		dependencies[name] = version;
	}
	// A link leads to the installed folder, and what the package itself needs is found from there.
	for (const name of [...Object.keys(dependencies), ...TOOLS]) {
		const link = join(folder, "node_modules", name);
		await mkdir(dirname(link), { recursive: true });
		await symlink(join(root, "node_modules", name), link);
	}
	const project = { name: "cache", private: true, type: "module", dependencies };
	await writeFile(join(folder, "package.json"), JSON.stringify(project, null, "\t"));
	await writeFile(join(folder, "bunfig.toml"), BUNFIG);
	const { compilerOptions } = JSON.parse(await readFile(join(root, "tsconfig.json"), "utf8"));
	await writeFile(
		join(folder, "tsconfig.json"),
		JSON.stringify({ compilerOptions, include: ["src", "test"] }),
	);
	return dependencies;
}

async function importedPackages(folder: string): Promise<string[]> {
	const packages = new Set<string>();
	for (const file of new Glob("{src,test}/**/*.ts").scanSync(folder)) {
		const { importedFiles } = ts.preProcessFile(await readFile(join(folder, file), "utf8"), true, true);
		for (const { fileName } of importedFiles) {
			const name = packageName(fileName);
			if (name) packages.add(name);
		}
	}
	return [...packages].sort();
}

/** The package that an import names; none for files, and for what Node and Bun bring along. */
function packageName(specifier: string): string | undefined {
	if (/^(\.|\/|node:|bun$|bun:)/.test(specifier)) return undefined;
	const parts = specifier.split("/");
	return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}
