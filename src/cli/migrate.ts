import { migrateDatabase } from "../../db/migrate.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { runCommand } from "./terminal.ts";

await runCommand(async () => {
	const { applied } = await migrateDatabase(await databaseUrl(process.env));
	console.log(`The schema is up to date. Migrations carried out: ${applied}.`);
});
