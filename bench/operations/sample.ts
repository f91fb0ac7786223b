import { openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { fillSample } from "../../db/sample.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { authConfig, newSecret, signUp } from "../market/accounts.ts";
import { benchPostgres } from "../market/postgres.ts";

export interface SampleMarket {
	readonly url: string;
	/** Signs the token. */
	readonly secret: string;
	readonly token: string;
}

/** A throw-away database with the made-up market, and somebody who may ask. */
export async function sampleMarket(scope: Scope, log: (line: string) => void): Promise<SampleMarket> {
	const { url } = await (await benchPostgres(scope)).createDatabase();
	await migrateDatabase(url);
	const database = openDatabase({ url, max: 3, statementTimeoutMs: 0 });
	try {
		await fillSample(database, { onProgress: log });
		const secret = newSecret();
		return { url, secret, token: await signUp(database.db, authConfig(secret, url)) };
	} finally {
		await database.close();
	}
}
