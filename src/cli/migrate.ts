import { migrateDatabase } from "../../db/migrate.ts";
import { databaseUrl } from "./dev/database-url.ts";
import { sentenceOf } from "./dev/sentence.ts";

try {
	await migrateDatabase(await databaseUrl(process.env));
	console.log("The schema is up to date.");
} catch (error) {
	console.error(sentenceOf(error));
	process.exitCode = 1;
}
