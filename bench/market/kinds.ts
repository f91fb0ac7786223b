import { fileURLToPath } from "node:url";
import { openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { bunServer, type ServerKind, startProcess } from "../measure/server.ts";
import { authConfig, newSecret, signUp } from "./accounts.ts";
import { benchPostgres } from "./postgres.ts";

const file = new URL("signed-in.ts", import.meta.url);

/** The same server and route twice: for anybody, and for those who are signed in, whose token is in its `headers`. */
export const signedInServers = [
	bunServer("ours-open", file, { mode: "open" }),
	{ name: "ours-signed-in", usesRedis: false, start: startSignedIn },
] satisfies ServerKind[];

async function startSignedIn(scope: Scope, settings: Parameters<ServerKind["start"]>[1]) {
	const { url } = await (await benchPostgres(scope)).createDatabase();
	await migrateDatabase(url);
	const secret = newSecret();
	const database = openDatabase({ url, max: 1 });
	const token = await signUp(database.db, authConfig(secret, url)).finally(() => database.close());
	const argument = JSON.stringify({ ...settings, mode: "signed-in" });
	const server = await startProcess(
		scope,
		"ours-signed-in",
		process.execPath,
		["--no-env-file", fileURLToPath(file), argument],
		{
			env: {
				PATH: process.env["PATH"],
				NODE_ENV: "production",
				DATABASE_URL: url,
				JWT_SECRET: secret,
			},
		},
	);
	return { ...server, headers: { Authorization: `Bearer ${token}` } };
}
