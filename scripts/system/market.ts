import { officialFiles } from "../../bench/market/database.ts";
import { Missing } from "../../bench/measure/server.ts";
import type { DatabaseHandle } from "../../db/client.ts";
import { importFile } from "../../db/import/index.ts";
import { saveModel } from "../../db/queries/models.ts";
import { fillSample } from "../../db/sample.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { METHOD } from "../../src/valuation/model.ts";
import { rowOf } from "../../src/valuation/training/renew.ts";
import { trainModel } from "../../src/valuation/training/train.ts";

/**
 * Fills a new database with the market.
 *
 * @param folder of the Department's files; without one the market is made up
 * @returns which market it is, for a report
 * @throws {TerminalError} where the folder lacks files
 */
export async function fillMarket(
	database: DatabaseHandle,
	folder: string | undefined,
	progress: (line: string) => void = () => {},
): Promise<string> {
	if (folder) {
		for (const file of filesOf(folder)) {
			progress(`Importing ${file} ...`);
			await importFile(database, file);
		}
	} else await fillSample(database, { onProgress: progress });
	// The throw-away server has no autovacuum that would do this in time.
	await database.sql`vacuum analyze`;
	// It has learned nothing, which takes no time: here a model only has to be there.
	const model = trainModel([], { version: `${METHOD}-untrained` });
	await saveModel(database.db, { ...rowOf(model), accuracy: { segments: [] } });
	// A server that is killed has to recover what came after this, not the whole market.
	await database.sql`checkpoint`;
	return folder ? "the registered market" : "the made-up market";
}

function filesOf(folder: string): string[] {
	try {
		return officialFiles(folder);
	} catch (error) {
		if (error instanceof Missing) throw new TerminalError(error.message);
		throw error;
	}
}
