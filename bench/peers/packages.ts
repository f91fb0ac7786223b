import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Missing } from "../measure/server.ts";

/** The folder with the peers' own package.json and bun.lock: they are no dependencies of the product. */
export const benchRoot = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

export const benchModules = join(benchRoot, "node_modules");

/** Names of all packages that some peer needs. */
export function peerPackages(): string[] {
	const { dependencies } = JSON.parse(readFileSync(join(benchRoot, "package.json"), "utf8")) as {
		dependencies: Record<string, string>;
	};
	return Object.keys(dependencies);
}

export function isInstalled(name: string): boolean {
	return existsSync(join(benchModules, name, "package.json"));
}

/** @throws {Missing} where one of them is not installed. */
export function needPackages(names: readonly string[]): void {
	const missing = names.filter((name) => !isInstalled(name));
	if (missing.length === 0) return;
	throw new Missing(
		`bench/node_modules lacks ${missing.join(", ")}: run \`bun install --frozen-lockfile --cwd bench\`, which needs a network.`,
	);
}
