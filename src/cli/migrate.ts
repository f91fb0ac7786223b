import { migrateDatabase } from "../../db/migrate.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { runCommand } from "./terminal.ts";

await runCommand(async () => {
	const { env } = process;
	// The lock of those who migrate outlasts a transaction, so it has to go past a pooler.
	const { applied } = await migrateDatabase(env["DATABASE_DIRECT_URL"] || (await databaseUrl(env)));
	console.log(`The schema is up to date. Migrations carried out: ${applied}.`);
});
