import type { Logger } from "../lib/logger.ts";

/**
 * Brings the schema up to date before anybody is answered. Ends the process where that cannot be: whoever restarts it
 * tries again, and the servers of before go on answering meanwhile.
 *
 * @param url not that of a transaction pooler
 */
export async function migrateOrExit(url: string, logger: Logger): Promise<void> {
	// Where it is a step of its own, it is not even read.
	const { migrateDatabase } = await import("../../db/migrate.ts");
	try {
		const { applied } = await migrateDatabase(url);
		logger.info({ applied }, "The schema is up to date");
	} catch (error) {
		const reason = error instanceof Error ? error.message || error.name : String(error);
		logger.error({ reason }, "The schema could not be brought up to date");
		process.exit(1);
	}
}
