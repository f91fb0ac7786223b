import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TerminalError } from "../terminal.ts";
import { type Account, canEnter, runsAs } from "./account.ts";
import { unusableFolder } from "./unusable.ts";

export const projectRoot = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** Where PostgreSQL's user may be given a folder when the project is closed to it. */
const OUTSIDE: readonly string[] = ["/var/lib/retyn-avm", "/var/tmp/retyn-avm"];

/** Where `bun run dev` keeps what it must remember: `.data` in the project, or the folder `RETYN_DATA_DIR`. */
export function dataFolder(env: Record<string, string | undefined>): string {
	return resolve(projectRoot, env["RETYN_DATA_DIR"] || ".data");
}

/**
 * Makes a folder through which PostgreSQL's user may pass, but not look around in.
 *
 * @throws {TerminalError} where it cannot be made
 */
export async function makeFolder(folder: string): Promise<void> {
	try {
		const made = await mkdir(folder, { recursive: true, mode: 0o711 });
		// The process's umask may have taken away what was asked for.
		if (made) await chmod(folder, 0o711);
	} catch (error) {
		throw unusableFolder(folder, error);
	}
}

/**
 * A folder for PostgreSQL's data: inside `folder`, or, where its user may not go there, outside of the project.
 *
 * @throws {TerminalError} when there is no place where it may go
 */
export async function dataPlace(
	folder: string,
	account: Account | undefined,
	bases = OUTSIDE,
): Promise<string> {
	return canEnter(account, folder) ? folder : outsideFolder(folder, account, bases);
}

/**
 * PostgreSQL's programs: those of the package, or, where its user may not go there, a copy outside of the project.
 *
 * @param native folder with `bin`, `lib` and `share`
 */
export async function programsPlace(
	native: string,
	account: Account | undefined,
	bases = OUTSIDE,
): Promise<string> {
	const usable = (folder: string) => runsAs(account, join(folder, "bin", "postgres"), ["--version"]);
	if (usable(native)) return native;
	if (!account) {
		throw new TerminalError(
			`PostgreSQL's programs in ${native} do not run on this machine: set DATABASE_URL instead.`,
		);
	}
	const { size, mtimeMs } = await stat(join(native, "bin", "postgres"));
	const outside = await outsideFolder(projectRoot, account, bases);
	const copy = join(outside, `programs-${size}-${Math.round(mtimeMs)}`);
	if (usable(copy)) return copy;

	const draft = `${copy}.${process.pid}`;
	await cp(native, draft, { recursive: true, verbatimSymlinks: true });
	spawnSync("chmod", ["-R", "a+rX", draft]);
	await rm(copy, { recursive: true, force: true });
	// Whoever comes second finds the same files there.
	await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }));
	if (usable(copy)) return copy;
	throw new TerminalError(`PostgreSQL's programs do not run from ${copy} either: set DATABASE_URL instead.`);
}

/** A folder of ours that belongs to one path, below a folder which every user may enter. */
async function outsideFolder(
	path: string,
	account: Account | undefined,
	bases: readonly string[],
): Promise<string> {
	const name = createHash("sha256").update(path).digest("hex").slice(0, 12);
	for (const base of bases) {
		const folder = join(base, name);
		try {
			await makeFolder(base);
			await makeFolder(folder);
			if ((await isOurs(base)) && (await isOurs(folder)) && canEnter(account, folder)) return folder;
		} catch {
			// Read-only or forbidden: the next one may do.
		}
	}
	throw new TerminalError(
		`The user under whom PostgreSQL runs may not enter ${path}, and there is no place for it in ${bases.join(" or ")}: ` +
			"clone the project where every user may enter, or set DATABASE_URL to a database of your own.",
	);
}

/** In a folder like /var/tmp somebody else may have been there first. */
async function isOurs(folder: string): Promise<boolean> {
	const found = await lstat(folder);
	return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
