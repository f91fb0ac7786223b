import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../src/cli/dev/places.ts";
import type { Ablation } from "./changes.ts";

/** The cache and the benchmark's servers over it. */
const FOLDERS = ["src/cache", "bench/servers"];

/**
 * A copy of the cache without one thing, and of the servers over it.
 *
 * @param folder does not exist yet
 * @returns our server's file
 * @throws {TypeError} where the code no longer reads as the ablation has it
 */
export async function copyWithout(ablation: Ablation, folder: string): Promise<URL> {
	await mkdir(folder, { recursive: true });
	for (const part of FOLDERS) await cp(join(projectRoot, part), join(folder, part), { recursive: true });
	await symlink(join(projectRoot, "node_modules"), join(folder, "node_modules"));
	const file = join(folder, "src/cache", ablation.file);
	await writeFile(file, without(await readFile(file, "utf8"), ablation));
	return Bun.pathToFileURL(join(folder, "bench/servers/ours.ts"));
}

/** @throws {TypeError} where the text does not stand in `code` exactly once */
export function without(code: string, { name, file, text, instead }: Ablation): string {
	const [before, after, ...further] = code.split(text);
	if (before === undefined || after === undefined || further.length > 0) {
		throw new TypeError(`"${name}": src/cache/${file} does not have exactly once: ${text}`);
	}
	return before + instead + after;
}
