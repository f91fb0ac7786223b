import { type DatabaseHandle, openDatabase } from "../../../db/client.ts";
import { migrateDatabase } from "../../../db/migrate.ts";
import { fillSample } from "../../../db/sample.ts";
import type { Cluster } from "./cluster.ts";

const NAME = "retyn";
const DRAFT = "retyn_draft";

/**
 * The development database in an embedded server. It is made under another name and renamed when it is complete, so
 * that a start that was interrupted while the sample was filled in leaves nothing that the next one would use.
 */
export async function openMarket(cluster: Cluster, say: (text: string) => void): Promise<string> {
	const url = cluster.url(NAME);
	const server = openDatabase({ url: cluster.url("postgres"), max: 1, statementTimeoutMs: 0 });
	try {
		const [there] = await server.sql`select 1 from pg_database where datname = ${NAME}`;
		if (!there) {
			say("Filling in a made-up Dubai market (once) ...");
			await server.sql`drop database if exists ${server.sql(DRAFT)} with (force)`;
			await server.sql`create database ${server.sql(DRAFT)}`;
			await migrateDatabase(cluster.url(DRAFT));
			await withDatabase(cluster.url(DRAFT), (draft) => fillSample(draft, { onProgress: say }));
			await server.sql`alter database ${server.sql(DRAFT)} rename to ${server.sql(NAME)}`;
		} else await migrateDatabase(url);
		return url;
	} finally {
		await server.close();
	}
}

export async function withDatabase<T>(url: string, work: (handle: DatabaseHandle) => Promise<T>): Promise<T> {
	const handle = openDatabase({ url, max: 2, statementTimeoutMs: 0, applicationName: "retyn-avm-dev" });
	try {
		return await work(handle);
	} finally {
		await handle.close();
	}
}
