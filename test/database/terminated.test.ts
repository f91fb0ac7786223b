import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase } from "../../db/client.ts";
import { codeOf } from "../../db/driver-query.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const NAME = "retyn-avm-terminated";

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Ends every connection of the name that runs a statement, once there is one. */
async function terminate(): Promise<void> {
	await eventually(async () => {
		const ended = await database.sql`
			select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and application_name = ${NAME} and query like '%pg_sleep%'`;
		expect(ended).toHaveLength(1);
	});
}

test.each([
	["alone", 1],
	["with others waiting for its connection", 3],
])(
	"a transaction whose connection is ended in the middle fails, %s, and the next ones do not",
	async (_, count) => {
		const { sql, close } = openDatabase({ url: database.url, max: 1, applicationName: NAME });
		try {
			for (let round = 0; round < 3; round += 1) {
				const broken = sql.begin(async (transaction) => transaction`select pg_sleep(20)`).catch(codeOf);
				const others = Array.from({ length: count - 1 }, () => sql`select 1 as one`.catch(codeOf));
				await terminate();
				expect(await broken).toMatch(/^(CONNECTION_\w+|57P01|ECONNRESET)$/);
				await Promise.all(others);
				await eventually(async () => expect(await sql`select 1 as one`).toMatchObject([{ one: 1 }]));
			}
		} finally {
			await close();
		}
	},
	30_000,
);
