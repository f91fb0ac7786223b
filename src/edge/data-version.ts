import type { Database } from "../../db/client.ts";
import { marketHead } from "../../db/queries/market-changes.ts";
import { modelInUse } from "../../db/queries/models.ts";
import type { Clock } from "../lib/clock.ts";
import { METHOD } from "../valuation/model.ts";

/** Plain data, so it may outlive the request that read it. */
export interface VersionMemory {
	version?: string;
	/** When the reading began. */
	readAt?: number;
}

/** What changed is answered from before for so long at the most, in milliseconds. */
const TRUST_MS = 1_000;

/** One text for the state of all that answers are made of: which database, of which version, and which model. */
export function dataVersion(deps: {
	db: Database;
	clock: Clock;
	memory: VersionMemory;
}): () => Promise<string> {
	const { db, clock, memory } = deps;
	return async () => {
		const now = clock();
		const { version, readAt = Number.POSITIVE_INFINITY } = memory;
		// Before `readAt` the clock was set back, and nothing can be said about the version's age.
		if (version !== undefined && now >= readAt && now - readAt < TRUST_MS) return version;
		const [head, model = "none"] = await Promise.all([marketHead(db), modelInUse(db, METHOD)]);
		memory.version = `${head.epoch}:${head.version}:${model}`.replaceAll("/", "_");
		memory.readAt = now;
		return memory.version;
	};
}
