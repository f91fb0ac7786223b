import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres, { type Sql } from "postgres";
import { projectFile } from "../deploy/files.ts";
import { useServers } from "../support/servers.ts";
import { anotherFlat } from "./three-instances.ts";

const POOL = 3;
const ground = useServers();

let watching: Sql;
beforeAll(() => {
	watching = postgres(ground.database.url, { max: 1 });
});
afterAll(() => watching.end());

/** Who is connected to this database, but for whoever asks. */
async function connected(): Promise<number[]> {
	const rows = await watching<{ pid: number }[]>`
		select pid from pg_stat_activity
		where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
	return rows.map(({ pid }) => pid);
}

test("a server holds its pool and four connections more at the most, as operators are told", async () => {
	const [, beside = ""] =
		/instances x \(DATABASE_POOL \+ (\d)\) +<= max_connections of the primary/.exec(
			projectFile("docs/postgresql.md"),
		) ?? [];
	expect(beside).toBe("4");
	const others = new Set(await connected());
	const server = await ground.start({ DATABASE_POOL: String(POOL) });
	let most = 0;
	const end = performance.now() + 1_500;
	while (performance.now() < end) {
		// Requests that need the database, more at once than there are connections, and data that change meanwhile.
		const asked = Array.from({ length: 4 * POOL }, () => server.value(anotherFlat()));
		await watching`update sales set price = price`;
		most = Math.max(most, (await connected()).filter((pid) => !others.has(pid)).length);
		for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
	}
	expect(most).toBeGreaterThan(POOL);
	expect(most).toBeLessThanOrEqual(POOL + Number(beside));
}, 40_000);
