import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { latestSalesOfAreas } from "../../db/queries/evidence.ts";
import { areas } from "../../db/schema/index.ts";
import { createQueryStats } from "../../src/observability/query-stats.ts";
import { eventually } from "../cache/support/eventually.ts";
import { freePort } from "../cache/support/ports.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await createTestDatabase();
});
afterAll(() => database.drop());

const opened = new Set<DatabaseHandle>();
afterEach(async () => {
	await Promise.all([...opened].map((handle) => handle.close()));
	opened.clear();
});

function open({ max = 4, url = database.url } = {}) {
	const stats = createQueryStats({ poolSize: max });
	const handle = openDatabase({ url, max, observe: stats });
	opened.add(handle);
	/** How many queries have ended, by operation; what there were none of is left out. */
	const ended = () => {
		const counts = Object.entries(stats.report().times).map(([name, { count }]) => [name, count] as const);
		return Object.fromEntries(counts.filter(([, count]) => count > 0));
	};
	return { ...handle, stats, ended };
}

describe("queries are counted", () => {
	test("by their first word, those of Drizzle and those of the driver", async () => {
		const { db, sql: driver, stats, ended } = open();
		const [area] = await db.insert(areas).values({ name: "One", key: "one" }).returning();
		await db.select().from(areas);
		await db.update(areas).set({ aliases: ["1"] });
		await db.delete(areas);
		await db.execute(sql`with one as (select 1 as a) select a from one`);
		expect(await driver`select ${1}::int as a`).toMatchObject([{ a: 1 }]);
		expect(await driver.unsafe("  (select 2 as a)").values()).toMatchObject([[2]]);
		await driver`set statement_timeout = 1000`;
		expect(area?.name).toBe("One");
		expect(ended()).toEqual({ insert: 1, select: 3, update: 1, delete: 1, with: 1, other: 1 });
		expect(stats.report()).toMatchObject({ errors: {}, inFlight: 0, waiting: 0, poolSize: 4 });
	});

	test("with the time until they were answered", async () => {
		const { sql: driver, stats } = open();
		await driver`select pg_sleep(0.05)`;
		expect(stats.report().times.select.sum).toBeGreaterThan(49);
	});

	test("inside of transactions and savepoints too, `begin` being one of its own", async () => {
		const { db, ended } = open();
		const seen = await db.transaction(async (tx) => {
			await tx.insert(areas).values({ name: "Kept", key: "kept" });
			await tx
				.transaction(async (nested) => {
					await nested.insert(areas).values({ name: "Undone", key: "undone" });
					throw new Error("undo");
				})
				.catch(() => {});
			return tx.select({ name: areas.name }).from(areas);
		});
		expect(seen).toEqual([{ name: "Kept" }]);
		expect(ended()).toEqual({ other: 2, insert: 2, select: 1 });
		await db.delete(areas);
	});

	test("on a reserved connection, and pieces of a query are none", async () => {
		const { sql: driver, ended } = open();
		const reserved = await driver.reserve();
		const condition = reserved`where ${true}`;
		const rows = await reserved`select 1 as a ${condition}`;
		reserved.release();
		expect(rows).toMatchObject([{ a: 1 }]);
		expect(await driver`select ${driver("name")} from ${driver("areas")}`).toEqual(expect.any(Array));
		expect(ended()).toEqual({ select: 2 });
	});

	test("while they are in flight, and wait where there are more than connections", async () => {
		const { sql: driver, stats } = open({ max: 2 });
		const queries = Array.from({ length: 5 }, () => driver`select pg_sleep(0.2)`.execute());
		await eventually(() => expect(stats.report()).toMatchObject({ inFlight: 5, waiting: 3 }));
		await Promise.all(queries);
		expect(stats.report()).toMatchObject({ inFlight: 0, waiting: 0 });
	});
});

describe("failures are counted", () => {
	test("by the class of their SQLSTATE, and reach whoever asked", async () => {
		const { db, sql: driver, stats } = open();
		const failed = db.execute(sql`select * from nothing_here`);
		await expect(Promise.resolve(failed)).rejects.toMatchObject({ cause: { code: "42P01" } });
		await db.insert(areas).values({ name: "Twice", key: "twice" });
		const again = driver`insert into areas (name, key) values ('Twice', 'twice')`;
		await expect(Promise.resolve(again)).rejects.toMatchObject({ code: "23505" });
		expect(stats.report().errors).toEqual({ 42: 1, 23: 1 });
		await db.delete(areas);
	});

	test("in a transaction, which is undone", async () => {
		const { db, stats } = open();
		const transaction = db.transaction(async (tx) => {
			await tx.insert(areas).values({ name: "Gone", key: "gone" });
			await tx.execute(sql`select 1 / 0`);
		});
		await expect(transaction).rejects.toMatchObject({ cause: { code: "22012" } });
		expect(stats.report()).toMatchObject({ errors: { 22: 1 }, inFlight: 0 });
		expect(await db.select().from(areas)).toEqual([]);
	});

	test("as connection where nobody answers, for a query and for a transaction", async () => {
		const { sql: driver, stats } = open({ url: `postgres://nobody@127.0.0.1:${await freePort()}/none` });
		await expect(Promise.resolve(driver`select 1`)).rejects.toThrow();
		await expect(driver.begin(async (tx) => tx`select 1`)).rejects.toThrow();
		expect(stats.report()).toMatchObject({ errors: { connection: 2 }, inFlight: 0 });
		expect(stats.report().times.other.count).toBe(1);
	});

	test("as other where the server was never asked", async () => {
		const { sql: driver, stats } = open();
		const wrong = driver`select ${undefined as never}`;
		await expect(Promise.resolve(wrong)).rejects.toMatchObject({ code: "UNDEFINED_VALUE" });
		expect(stats.report()).toMatchObject({ errors: { other: 1 }, inFlight: 0 });
	});
});

describe("an observed driver is the same driver", () => {
	test("a query that nobody waits for is never sent", async () => {
		const { sql: driver, db, ended } = open();
		void driver`insert into areas (name, key) values ('Never', 'never')`;
		void driver.unsafe("insert into areas (name, key) values ('Never', 'never')");
		expect(await db.select().from(areas)).toEqual([]);
		expect(ended()).toEqual({ select: 1 });
	});

	test("a failure that nobody handles is as unhandled as before", async () => {
		const url = JSON.stringify(database.url);
		const client = JSON.stringify(new URL("../../db/client.ts", import.meta.url).pathname);
		async function outcomeOf(options: string): Promise<string> {
			const script = `
				const { openDatabase } = await import(${client});
				const { sql } = openDatabase({ url: ${url}, max: 1, ${options} });
				process.on("unhandledRejection", (error) => {
					console.log("unhandled", error.code);
					process.exit(7);
				});
				void sql\`select * from nothing_here\`.execute();
				await Bun.sleep(5_000);`;
			const child = Bun.spawn([process.execPath, "--no-env-file", "-e", script], { stdout: "pipe" });
			return `${await new Response(child.stdout).text()}${await child.exited}`;
		}
		const bare = await outcomeOf("");
		expect(bare).toBe("unhandled 42P01\n7");
		expect(await outcomeOf("observe: { started: () => () => {} }")).toBe(bare);
	});

	test("prepared statements stay prepared, once for each connection", async () => {
		const { db, sql: driver } = open({ max: 1 });
		const wanted = [{ id: 1, propertyType: "Flat", from: "2026-01-01", before: "2026-08-01" }];
		for (let times = 0; times < 5; times += 1) await latestSalesOfAreas(db, wanted, 10);
		const statements = await driver<{ calls: number }[]>`
			select (generic_plans + custom_plans)::int as calls from pg_prepared_statements
			where statement like '%evidence%' and statement not like '%pg_prepared_statements%'`;
		expect(statements).toMatchObject([{ calls: 5 }]);
	});

	test("a query can be cancelled, and can be read in portions", async () => {
		const { sql: driver, stats } = open();
		const slow = driver`select pg_sleep(10)`;
		const outcome = slow.catch((error: unknown) => error);
		await eventually(() => expect(stats.report().inFlight).toBe(1));
		await eventually(async () => {
			const [active] = await database.sql`select 1 from pg_stat_activity
				where query = 'select pg_sleep(10)' and state = 'active' and datname = current_database()`;
			return active !== undefined;
		});
		slow.cancel();
		expect(await outcome).toMatchObject({ code: "57014" });
		expect(stats.report()).toMatchObject({ errors: { 57: 1 }, inFlight: 0 });
		const portions: number[] = [];
		for await (const rows of driver`select generate_series(1, 5) as n`.cursor(2)) portions.push(rows.length);
		expect(portions).toEqual([2, 2, 1]);
		expect(stats.report().inFlight).toBe(0);
	});
});
