import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { sql as statement } from "drizzle-orm";
import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { codeOf } from "../../db/driver-query.ts";
import { createDatabaseLink, type DatabaseLink } from "../auth/database-link.ts";
import { eventually } from "../cache/support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let link: DatabaseLink;
let linked: DatabaseHandle;
beforeEach(async () => {
	database = await createTestDatabase();
	await database.sql`create table written (id int)`;
	link = await createDatabaseLink(database.url);
	linked = openDatabase({ url: link.url, max: 2, failFast: true });
});
afterEach(async () => {
	await linked.sql.end({ timeout: 0 });
	await linked.close();
	await link.close();
	await database.drop();
});

const ask = () => linked.db.execute(statement`select 1 as one`);
const answers = () =>
	ask().then(
		() => true,
		() => false,
	);

async function failuresOf(count: number, query: () => Promise<unknown> = ask) {
	const begun = performance.now();
	const ends = await Promise.allSettled(Array.from({ length: count }, query));
	const codes = ends.filter((end) => end.status === "rejected").map(({ reason }) => codeOf(reason));
	return { codes, tookMs: performance.now() - begun };
}

describe("a database that cannot be reached", () => {
	test("keeps nobody waiting, however many ask", async () => {
		await ask();
		await link.cut();
		for (let round = 0; round < 3; round += 1) {
			const { codes, tookMs } = await failuresOf(300);
			expect(codes).toHaveLength(300);
			expect(tookMs).toBeLessThan(1_500);
		}
	});

	test("lets no transaction begin, and keeps nobody waiting for one", async () => {
		await link.cut();
		let begun = 0;
		const { codes, tookMs } = await failuresOf(50, () =>
			linked.db.transaction(async () => {
				begun += 1;
			}),
		);
		expect(codes).toHaveLength(50);
		expect(begun).toBe(0);
		expect(tookMs).toBeLessThan(1_500);
	});

	test("is not given later what was refused meanwhile, and answers as soon as it is back", async () => {
		await ask();
		await link.cut();
		const { codes } = await failuresOf(100, () =>
			linked.db.execute(statement`insert into written values (1)`),
		);
		expect(codes).toHaveLength(100);
		await link.restore();
		const back = performance.now();
		await eventually(answers);
		expect(performance.now() - back).toBeLessThan(1_500);
		expect((await failuresOf(50)).codes).toEqual([]);
		expect(await database.sql`select * from written`).toHaveLength(0);
	});
});

describe("a database that takes connections and says nothing", () => {
	test("keeps those who asked already for some seconds, and then nobody", async () => {
		await ask();
		link.silence();
		const first = await failuresOf(20);
		expect(first.codes).toEqual(Array(20).fill("ECONNREFUSED"));
		expect(first.tookMs).toBeLessThan(5_000);
		expect((await failuresOf(300)).tookMs).toBeLessThan(500);
		await link.restore();
		await eventually(answers, 5_000);
	});
});

describe("a database whose machine is gone, with another one in its place", () => {
	test("is asked on new connections after a silence: those of before never say anything again", async () => {
		await failuresOf(2);
		link.silence();
		expect((await failuresOf(20)).codes).toEqual(Array(20).fill("ECONNREFUSED"));
		link.replace();
		const back = performance.now();
		await eventually(answers);
		expect(performance.now() - back).toBeLessThan(1_500);
		const { codes, tookMs } = await failuresOf(50);
		expect(codes).toEqual([]);
		expect(tookMs).toBeLessThan(1_000);
	});

	test("is noticed without a silence by what takes longer than the server would let it", async () => {
		const limited = openDatabase({ url: link.url, max: 2, failFast: true, statementTimeoutMs: 1_000 });
		const query = () => limited.db.execute(statement`select now() as at`);
		try {
			await failuresOf(2, query);
			link.replace();
			expect((await failuresOf(1, query)).codes).toEqual(["ECONNREFUSED"]);
			const { codes, tookMs } = await failuresOf(50, query);
			expect(codes).toEqual([]);
			expect(tookMs).toBeLessThan(1_000);
			// Times come as Drizzle wants them, not as the driver reads them by itself.
			expect(typeof (await query())[0]?.["at"]).toBe("string");
		} finally {
			await limited.close();
		}
	});
});

describe("a database that is slow", () => {
	test("is waited for: it answers others", async () => {
		const slow = linked.db.execute(statement`select pg_sleep(2.5)`);
		expect(await slow).toHaveLength(1);
	});

	test("whose connections are all in use is waited for in bounded time, and what was not sent is taken back", async () => {
		const hog = () => linked.sql.begin(async (transaction) => transaction`select pg_sleep(4.5)`);
		const hogs = [hog(), hog()];
		await eventually(async () => {
			const [row] = await database.sql`
				select count(*)::int as running from pg_stat_activity where query like '%pg_sleep(4.5)%' and pid <> pg_backend_pid()`;
			return row?.["running"] === 2;
		}, 5_000);
		const { codes, tookMs } = await failuresOf(40, () =>
			linked.db.execute(statement`insert into written values (1)`),
		);
		expect(codes).toEqual(Array(40).fill("53300"));
		expect(tookMs).toBeLessThan(4_000);
		await Promise.all(hogs);
		expect(await answers()).toBe(true);
		expect(await database.sql`select * from written`).toHaveLength(0);
	}, 15_000);
});
