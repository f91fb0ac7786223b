import type { Database } from "../../db/client.ts";
import { loadDirectory } from "../../db/queries/directory.ts";
import { marketVersion } from "../../db/queries/market-changes.ts";
import { buildDirectory, type Directory } from "./directory.ts";

/** Plain data of one database, for applications that live shorter than the process. */
export interface DirectoryMemory {
	known?: Directory;
}

/** The names as they are now: those that are remembered where the data are still of their version, else read anew. */
export async function readDirectory(db: Database, memory: DirectoryMemory = {}): Promise<Directory> {
	if (memory.known && memory.known.version === (await marketVersion(db))) return memory.known;
	memory.known = buildDirectory(await loadDirectory(db));
	return memory.known;
}
