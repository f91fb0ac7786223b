import { Database } from "bun:sqlite";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TerminalError } from "../terminal.ts";
import { isAlive } from "./processes.ts";
import { unusableFolder } from "./unusable.ts";

/** A database that is collected as garbage gives its lock away. */
const held = new Set<Database>();

/**
 * Makes this process the only one that uses a folder. The lock is one that the system itself holds on a file, by way
 * of SQLite: it vanishes with the process, however that ends, so that there are no stale ones to judge.
 *
 * @returns what gives the folder back
 * @throws {TerminalError} naming the process that has it, or why nobody can have it
 */
export async function lockFolder(folder: string): Promise<() => void> {
	const owner = join(folder, "lock.pid");
	let database: Database | undefined;
	try {
		database = new Database(join(folder, "lock"));
		database.run("begin exclusive");
		await writeFile(owner, String(process.pid));
	} catch (error) {
		database?.close();
		if (!(error instanceof Error && "code" in error && error.code === "SQLITE_BUSY"))
			throw unusableFolder(folder, error);
		throw new TerminalError(`Another copy (${await whoHas(owner)}) is using ${folder}: stop it first.`);
	}
	held.add(database);
	return () => {
		held.delete(database);
		database.close();
	};
}

/** The winner of a race writes its number a moment after it has won. */
async function whoHas(file: string): Promise<string> {
	for (let attempt = 0; attempt < 50; attempt++) {
		const pid = Number(await readFile(file, "utf8").catch(() => ""));
		if (pid > 0 && isAlive(pid)) return `process ${pid}`;
		await Bun.sleep(10);
	}
	return "an unknown process";
}
