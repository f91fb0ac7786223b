import type { Subject } from "../../bench/market/subjects.ts";
import { openDatabase } from "../../db/client.ts";
import type { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import type { Finding } from "../findings.ts";
import type { Ground } from "../system/ground.ts";
import { type Instance, PATIENT, startInstance } from "../system/instance.ts";
import { temporaryFolder } from "../throw-away-postgres.ts";
import type { Asking } from "./asking.ts";
import { startPooler } from "./pooler.ts";

/** Far fewer than those who ask at once. */
const CONNECTIONS = 4;
const AT_ONCE = 200;
const SEEN_WITHIN_MS = 1_000;
const IN_USE_S = 4;
/** That of deploy/pgbouncer/pgbouncer.ini. */
const TIME_LIMIT_MS = 10_000;

/** Two instances whose database is behind pgbouncer in transaction mode. */
export async function pooledFindings(scope: Scope, ground: Ground, asking: Asking): Promise<Finding[]> {
	const folder = await temporaryFolder(scope);
	const pooled = await startPooler(scope, { url: ground.postgres.url, folder, connections: CONNECTIONS });
	const settings = {
		...PATIENT,
		DATABASE_URL: pooled,
		DATABASE_DIRECT_URL: ground.postgres.url,
		DATABASE_POOLER: "transaction",
	};
	const pair = [
		await startInstance(scope, ground, "pooled 1", settings),
		await startInstance(scope, ground, "pooled 2", settings),
	] as const;
	const findings = [
		await manyAtOnce(pair, asking),
		await changeSeen(ground, pair, asking),
		await allInUse(pooled, pair, asking),
		await timeLimit(pooled),
	];
	await Promise.all(pair.map((instance) => instance.stop()));
	return findings;
}

async function manyAtOnce(pair: readonly Instance[], asking: Asking): Promise<Finding> {
	const begun = performance.now();
	const said = await Promise.all(
		asking.fresh(AT_ONCE).map((subject, index) => asking.value(pair[index % 2] as Instance, subject)),
	);
	console.log(`${AT_ONCE} new values at once over ${CONNECTIONS} connections: ${inMs(begun)}`);
	// Of some there is too little evidence, which is an answer.
	const wrong = said.filter(({ status }) => status !== 200 && status !== 422);
	return {
		what: `behind pgbouncer: ${AT_ONCE} at once over ${CONNECTIONS} connections are answered`,
		checked: said.length,
		problems: wrong.map(({ status, body }) => `${status} ${body.slice(0, 200)}`),
	};
}

/** Other prices, by another client, are in the values of both instances, which they had in their memory. */
async function changeSeen({ database }: Ground, pair: readonly Instance[], asking: Asking): Promise<Finding> {
	const subject = await valuedSubject(pair[0] as Instance, asking);
	const versions = async () => {
		const said = await Promise.all(pair.map((instance) => asking.value(instance, subject)));
		return said.map(({ status, body }) => (status === 200 ? versionIn(body) : undefined));
	};
	const before = new Set([undefined, ...(await versions())]);
	await database.sql`
		update sales set price = price + 1000
		where area_id = (select id from areas where name = ${subject.area}) and arms_length`;
	const begun = performance.now();
	while ((await versions()).some((version) => before.has(version))) {
		if (performance.now() - begun > 5 * SEEN_WITHIN_MS) break;
	}
	const tookMs = performance.now() - begun;
	console.log(`A change by another client is in the values of both after ${Math.round(tookMs)} ms`);
	return {
		what: "behind pgbouncer: a change is seen by both within a second",
		checked: 1,
		problems: tookMs <= SEEN_WITHIN_MS ? [] : [`not after ${Math.round(tookMs)} ms`],
	};
}

/** Others have all connections for longer than it takes to find a database silent. */
async function allInUse(pooled: string, pair: readonly Instance[], asking: Asking): Promise<Finding> {
	const others = openDatabase({ url: pooled, max: CONNECTIONS, pooled: true });
	const holding = Array.from({ length: CONNECTIONS }, () =>
		others.sql`select pg_sleep(${IN_USE_S})`.execute(),
	);
	await Bun.sleep(200);
	const said = await Promise.all(
		asking.fresh(10).map((subject, index) => asking.value(pair[index % 2] as Instance, subject)),
	);
	await Promise.all(holding);
	await others.close();
	const slowest = Math.max(...said.map(({ ms }) => ms));
	console.log(
		`With all connections in use for ${IN_USE_S} s the slowest value came after ${Math.round(slowest)} ms`,
	);
	const wrong = said.filter(({ status }) => status !== 200 && status !== 422);
	return {
		what: "behind pgbouncer: all connections in use is not a database that is away",
		checked: said.length,
		problems: wrong.map(({ status, body }) => `${status} ${body.slice(0, 200)}`),
	};
}

function versionIn(body: string): string | undefined {
	return /"data_version":"([^"]+)"/.exec(body)?.[1];
}

async function valuedSubject(instance: Instance, asking: Asking): Promise<Subject> {
	for (;;) {
		const [subject] = asking.fresh(1);
		if (!subject) throw new TerminalError("No property of the market has a value");
		if ((await asking.value(instance, subject)).status === 200) return subject;
	}
}

async function timeLimit(pooled: string): Promise<Finding> {
	const { sql, close } = openDatabase({ url: pooled, max: 1, pooled: true });
	const begun = performance.now();
	const code = await sql`select pg_sleep(${TIME_LIMIT_MS / 1000 + 5})`.then(
		() => "none",
		(error: { code?: string }) => error.code,
	);
	await close();
	console.log(`A statement without an end is ended after ${inMs(begun)}`);
	const isRight = code === "57014" && performance.now() - begun < TIME_LIMIT_MS + 2_000;
	return {
		what: "behind pgbouncer: the time limit of statements holds",
		checked: 1,
		problems: isRight ? [] : [`${code} after ${inMs(begun)}`],
	};
}

function inMs(since: number): string {
	return `${Math.round(performance.now() - since)} ms`;
}
