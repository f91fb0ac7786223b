import type { Database } from "../../db/client.ts";
import { loadDirectory } from "../../db/queries/directory.ts";
import { marketHead } from "../../db/queries/market-changes.ts";
import { buildDirectory, type Directory } from "./directory.ts";

/** Plain data of one database, for applications that live shorter than the process. */
export interface DirectoryMemory {
	known?: Directory;
	/** Of the database that it is of: another one may have the same versions. */
	epoch?: string;
}

/** The names as they are now: those that are remembered where the data are still of their version, else read anew. */
export async function readDirectory(db: Database, memory: DirectoryMemory = {}): Promise<Directory> {
	const { epoch, version } = await marketHead(db);
	if (memory.known && memory.epoch === epoch && memory.known.version === version) return memory.known;
	memory.known = buildDirectory(await loadDirectory(db));
	memory.epoch = epoch;
	return memory.known;
}
