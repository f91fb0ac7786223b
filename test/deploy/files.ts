import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where a file of the repository stands, for example `projectPath("Dockerfile")`. */
export function projectPath(name: string): string {
	return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

export function projectFile(name: string): string {
	return readFileSync(projectPath(name), "utf8");
}
