import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { type Database, type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { codeOf } from "../../db/driver-query.ts";
import { latestMarket } from "../../db/latest-market.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { marketVersion } from "../../db/queries/market-changes.ts";
import { openReplicas, type Replicas } from "../../db/replicas.ts";
import { areas } from "../../db/schema/index.ts";
import { type Pair, startPair } from "../../scripts/postgres/pair.ts";
import { temporaryFolder } from "../../scripts/throw-away-postgres.ts";
import { Scope } from "../../src/cli/dev/scope.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { createDatabaseLink } from "../auth/database-link.ts";
import { eventually } from "../cache/support/eventually.ts";
import { registerSale, type SmallMarket, seedSmallMarket } from "../support/market.ts";

const START_WITHIN_MS = 60_000;
/** The machine is shared, and a replica may have to be started again. */
const SOON_MS = 15_000;

const scope = new Scope();
let pair: Pair;
let primary: DatabaseHandle;
/** The test's own way to the replica, past all that is tested. */
let replica: DatabaseHandle;
let market: SmallMarket;
beforeAll(async () => {
	pair = await startPair(scope, await temporaryFolder(scope), async (url) => {
		await migrateDatabase(url);
		const handle = openDatabase({ url, max: 1 });
		market = await seedSmallMarket(handle.db);
		await handle.sql`create function in_the_way() returns int language plpgsql as $$
			begin
				if pg_is_in_recovery() then raise exception 'in the way' using errcode = '40001'; end if;
				return 1;
			end $$`;
		await handle.close();
	});
	primary = openDatabase({ url: pair.primary.url, max: 4 });
	replica = openDatabase({ url: pair.replica.url, max: 1 });
}, START_WITHIN_MS);
afterAll(async () => {
	await Promise.all([primary?.close(), replica?.close()]);
	await scope.close();
}, START_WITHIN_MS);

const opened = new Set<Replicas>();
afterEach(async () => {
	await Promise.all([...opened].map((replicas) => replicas.close()));
	opened.clear();
});

async function open({ urls = [pair.replica.url], lagMs = 2_000 } = {}): Promise<Replicas> {
	const replicas = openReplicas({
		urls,
		primary,
		primaryUrl: pair.primary.url,
		lagMs,
		pool: { max: 4, failFast: true },
		logger: silentLogger,
	});
	opened.add(replicas);
	return replicas;
}

async function openUsable(): Promise<Replicas> {
	const replicas = await open();
	const version = await marketVersion(primary.db);
	await eventually(() => replicas.at(version) !== undefined, SOON_MS);
	return replicas;
}

async function isReplica(db: Database | undefined): Promise<boolean | undefined> {
	const [row] = (await db?.execute<{ yes: boolean }>(sql`select pg_is_in_recovery() as yes`)) ?? [];
	return row?.yes;
}

const change = async () => registerSale(primary.sql, { areaId: market.areaIds.mirdif });

describe("a replica that has all", () => {
	test("is read from", async () => {
		const replicas = await openUsable();
		const latest = await latestMarket(primary.db, replicas);
		expect(await isReplica(latest.db)).toBe(true);
		expect(await latest.db.select().from(areas)).not.toBeEmpty();
		expect(replicas.state).toEqual({ usable: 1, total: 1 });
	});

	test("has no transactions, which are the primary's", async () => {
		const replicas = await openUsable();
		expect(await replicas.at(0)?.transaction((tx) => isReplica(tx as never))).toBe(false);
	});

	test("is not written to, nor is the primary in its place", async () => {
		const db = (await openUsable()).at(0);
		const end = await db?.insert(areas).values({ name: "Never", key: "never" }).catch(codeOf);
		expect(end).toBe("25006");
		expect(await primary.sql`select 1 from areas where key = 'never'`).toHaveLength(0);
	});

	test("ends a read that is in the way of a change, which the primary then answers", async () => {
		const replicas = await openUsable();
		expect(await replicas.at(0)?.execute<{ one: number }>(sql`select in_the_way() as one`)).toMatchObject([
			{ one: 1 },
		]);
		expect(replicas.state.usable).toBe(1);
	});

	test("is still read from while the primary is quiet for longer than the bound", async () => {
		const replicas = await open({ lagMs: 500 });
		await eventually(() => replicas.state.usable === 1, SOON_MS);
		const since = performance.now();
		let out = 0;
		await eventually(() => {
			if (replicas.state.usable === 0) out += 1;
			return performance.now() - since > 2_000;
		});
		// Looked at every 10 ms: a busy machine may be late with a question now and then.
		expect(out).toBeLessThan(60);
	});
});

describe("a replica that is held back", () => {
	afterEach(async () => {
		await replica.sql`select pg_wal_replay_resume()`;
	});

	test("is not read from for what is newer, and not at all once it lacks more than the bound", async () => {
		const replicas = await openUsable();
		const before = await marketVersion(primary.db);
		await replica.sql`select pg_wal_replay_pause()`;
		await change();
		const latest = await latestMarket(primary.db, replicas);
		expect(latest.version).toBeGreaterThan(before);
		expect(await isReplica(latest.db)).toBe(false);
		await eventually(() => replicas.state.usable === 0, SOON_MS);
		expect(replicas.at(before)).toBeUndefined();
		await replica.sql`select pg_wal_replay_resume()`;
		await eventually(async () => {
			expect(await isReplica((await latestMarket(primary.db, replicas)).db)).toBe(true);
		}, SOON_MS);
	});

	test("is left alone while another one has all", async () => {
		const replicas = await open({ urls: [pair.replica.url, pair.primary.url] });
		await eventually(() => replicas.state.usable === 1, SOON_MS);
		// The primary follows nobody, so it is no replica of itself.
		expect(replicas.state).toEqual({ usable: 1, total: 2 });
	});
});

describe("a replica that goes away", () => {
	/** Reads as answers are made, without a pause, until told to stop. */
	function readers(replicas: Replicas, count: number) {
		let reading = true;
		let answered = 0;
		const failures: unknown[] = [];
		const ends = Array.from({ length: count }, async () => {
			while (reading) {
				try {
					const { db } = await latestMarket(primary.db, replicas);
					await db.execute(sql`select count(*) from sales, pg_sleep(0.005)`);
					answered += 1;
				} catch (error) {
					failures.push(error);
				}
			}
		});
		return {
			get answered() {
				return answered;
			},
			async stop() {
				reading = false;
				await Promise.all(ends);
				return failures;
			},
		};
	}

	test("killed under load loses nobody an answer, and is read from again when it is back", async () => {
		const replicas = await openUsable();
		const load = readers(replicas, 8);
		await eventually(() => load.answered > 50, SOON_MS);
		await pair.replica.kill();
		const atKill = load.answered;
		await eventually(() => replicas.state.usable === 0, SOON_MS);
		await eventually(() => load.answered > atKill + 100, SOON_MS);
		await pair.replica.start();
		await eventually(() => replicas.state.usable === 1, SOON_MS);
		const back = load.answered;
		await eventually(() => load.answered > back + 50, SOON_MS);
		expect(await load.stop()).toEqual([]);
	}, 60_000);

	test("frozen in the middle of a read: the primary answers it, and it is read from again once it moves", async () => {
		const replicas = await openUsable();
		const reading = replicas
			.at(0)
			?.execute<{ yes: boolean }>(
				sql`select pg_is_in_recovery() as yes from (select pg_sleep(case when pg_is_in_recovery() then 60 else 0 end)) s`,
			);
		const answer = Promise.resolve(reading);
		await eventually(async () => {
			const [row] = await replica.sql`
				select count(*)::int as running from pg_stat_activity where query like '%then 60%' and pid <> pg_backend_pid()`;
			return row?.["running"] === 1;
		}, SOON_MS);
		const frozen = performance.now();
		pair.replica.freeze();
		try {
			expect(await answer).toMatchObject([{ yes: false }]);
			expect(performance.now() - frozen).toBeLessThan(5_000);
			expect(replicas.state.usable).toBe(0);
		} finally {
			pair.replica.thaw();
		}
		await eventually(() => replicas.state.usable === 1, SOON_MS);
	}, 60_000);
});

test("one whose machine is gone, with another one in its place, is read from on new connections", async () => {
	const link = await createDatabaseLink(pair.replica.url);
	try {
		const replicas = await open({ urls: [link.url] });
		await eventually(() => replicas.state.usable === 1, SOON_MS);
		expect(await isReplica(replicas.at(0))).toBe(true);
		link.replace();
		await eventually(() => replicas.state.usable === 0, SOON_MS);
		await eventually(() => replicas.state.usable === 1, SOON_MS);
		const asked = performance.now();
		expect(await isReplica(replicas.at(0))).toBe(true);
		expect(performance.now() - asked).toBeLessThan(1_000);
	} finally {
		await link.close();
	}
}, 60_000);

test("one that is not there from the beginning is no reason not to answer", async () => {
	const url = new URL(pair.replica.url);
	url.port = "1";
	const replicas = await open({ urls: [url.href] });
	const latest = await latestMarket(primary.db, replicas);
	expect(await isReplica(latest.db)).toBe(false);
	expect(replicas.state).toEqual({ usable: 0, total: 1 });
});
