import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const transpiler = new Bun.Transpiler({ loader: "js" });

/** All files below a folder, bytes. */
export function folderBytes(folder: string): number {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	return sum(entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name)));
}

/** The bundles below a folder, bytes. */
export function bundleBytes(folder: string): number {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
	return sum(names.filter((name) => name.endsWith(".js")).map((name) => join(folder, name)));
}

/** A bundle with all that it imports as it is loaded, bytes. */
export function loadedBytes(entry: string): number {
	return sum(loadedFiles(entry));
}

/** A bundle and all that it imports as it is loaded; what it imports later, when it is needed, is not among them. */
export function loadedFiles(entry: string): string[] {
	const found = new Set<string>([entry]);
	for (const file of found) {
		for (const { kind, path } of transpiler.scanImports(readFileSync(file, "utf8"))) {
			if (kind === "import-statement" && path.startsWith(".")) found.add(join(dirname(file), path));
		}
	}
	return [...found];
}

function sum(files: readonly string[]): number {
	return files.reduce((bytes, file) => bytes + statSync(file).size, 0);
}
