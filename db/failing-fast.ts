import type { Sql } from "postgres";
import { type DriverQuery, isQuery, isUnreached } from "./driver-query.ts";
import type { RenewablePool } from "./renewable-pool.ts";
import { createSilence } from "./silence.ts";

export interface FailingFastOptions {
	/** Asks the database something small, on a connection of its own. @throws when it does not answer in time */
	ask(): Promise<void>;
	/** Milliseconds without any answer after which somebody who waits has the database asked. @default 1000 */
	suspectMs?: number;
	/** Longest wait for a connection, in milliseconds. @default 3000 */
	waitMs?: number;
	/** The server ends a statement after so many milliseconds. @default Infinity */
	limitMs?: number;
	/** Milliseconds of a clock that only goes forward. */
	now?: () => number;
}

/** The database does not answer, and nobody is to wait for it. Its code is that of a refused connection. */
export class DatabaseSilent extends Error {
	override readonly name = "DatabaseSilent";
	readonly code = "ECONNREFUSED";
	constructor(cause: unknown) {
		super("The database does not answer", { cause });
	}
}

/** All connections were in use for too long. Its code is PostgreSQL's for too many connections. */
export class DatabaseBusy extends Error {
	override readonly name = "DatabaseBusy";
	readonly code = "53300";
	constructor(ms: number) {
		super(`No connection to the database was free within ${ms} ms`);
	}
}

export interface FailingFast {
	readonly sql: Sql;
	/** The database is not asked any more whether it is there. */
	end(): void;
}

/** Somebody who waits for the database. */
interface Waiting {
	readonly since: number;
	/** When a connection was first seen to be busy with it. */
	begunAt?: number;
	/** A connection is busy with it. */
	isBegun(): boolean;
	/** Ends the wait; what was not sent never will be. */
	giveUp(error: Error): void;
}

type Begin = (...args: unknown[]) => Promise<unknown>;

interface Driver {
	(...args: unknown[]): unknown;
	unsafe(...args: unknown[]): unknown;
	begin: Begin;
	reserve(): Promise<unknown>;
	listen: Begin;
}

const SWEEP_MS = 250;
/** Longer than the server may spend on a statement: nobody is at the other end of its connection. */
const BEYOND_LIMIT_MS = 500;
/** For what is under way on connections that may be well. */
const RENEW_WITHIN_S = 2;

/**
 * The same driver, but nobody waits long for a database that is away, or for a connection where all are in use. The driver
 * lets queries queue until a connection is made, however long that takes, and turns away one for each attempt. Here
 * the first sign of trouble has the database asked; where it is silent the waits of all end, and until it answers again
 * every query fails at once. What was given up before it was sent is not sent later.
 *
 * A machine that is gone says nothing on the connections that it had, for as long as the system tries to deliver what was sent (a quarter of an
 * hour), also when another one has taken its place. So nobody is given such a connection again after a silence, or after a statement
 * that took longer than the server would have let it.
 */
export function failingFast(pool: RenewablePool, options: FailingFastOptions): FailingFast {
	const { ask, suspectMs = 1_000, waitMs = 3_000, limitMs = Number.POSITIVE_INFINITY } = options;
	const { now = () => performance.now() } = options;
	/** In the order of their coming. */
	const waiting = new Set<Waiting>();
	let answeredAt = now();
	let sweeping: ReturnType<typeof setTimeout> | undefined;
	const silence = createSilence({
		ask,
		onSilent(cause) {
			for (const one of waiting) one.giveUp(new DatabaseSilent(cause));
			waiting.clear();
			pool.renew(0);
		},
	});

	function begin(one: Waiting): void {
		waiting.add(one);
		sweeping ??= setTimeout(sweep, SWEEP_MS);
	}

	function sweep(): void {
		const at = now();
		let isLost = false;
		for (const one of waiting) {
			const ms = at - one.since;
			if (ms < suspectMs) break;
			if (at - answeredAt >= suspectMs) silence.suspect();
			if (one.isBegun()) {
				one.begunAt ??= at;
				if (at - one.begunAt < limitMs + BEYOND_LIMIT_MS) continue;
				isLost = true;
				one.giveUp(new DatabaseSilent(`nothing came on this connection within ${limitMs} ms`));
			} else if (ms >= waitMs) one.giveUp(new DatabaseBusy(waitMs));
			else continue;
			waiting.delete(one);
		}
		if (isLost) pool.renew(RENEW_WITHIN_S);
		sweeping = waiting.size > 0 ? setTimeout(sweep, SWEEP_MS) : undefined;
	}

	function end(one: Waiting, error?: unknown): void {
		waiting.delete(one);
		if (error !== undefined && isUnreached(error)) {
			silence.suspect();
			return;
		}
		answeredAt = now();
		silence.answered();
	}

	function take(query: DriverQuery, handler: DriverQuery["handler"]): unknown {
		// One that is read in portions resolves more than once; nothing in a request does that.
		if (query.cursorFn !== undefined) return handler(query);
		if (silence.cause !== undefined) return query.reject(new DatabaseSilent(silence.cause));
		const { resolve, reject } = query;
		const one: Waiting = {
			since: now(),
			isBegun: () => query.active,
			giveUp(error) {
				query.reject = () => {};
				if (!query.state) takeBack(query);
				reject(error);
			},
		};
		query.resolve = (result) => {
			end(one);
			resolve(result);
		};
		query.reject = (error) => {
			end(one, error);
			reject(error);
		};
		begin(one);
		return handler(query);
	}

	function gated(made: unknown): unknown {
		if (!isQuery(made)) return made;
		const { handler } = made;
		made.handler = Object.assign((query: DriverQuery) => take(query, handler), handler);
		return made;
	}

	/** What a transaction does is left to it; that it begins, and how long all of it may hang, is not. */
	async function transact(transaction: Begin, args: unknown[]): Promise<unknown> {
		if (silence.cause !== undefined) throw new DatabaseSilent(silence.cause);
		const work = args.at(-1) as (transaction: unknown) => unknown;
		const givenUp = Promise.withResolvers<never>();
		let failure: Error | undefined;
		let isBegun = false;
		const one: Waiting = {
			since: now(),
			isBegun: () => isBegun,
			giveUp(error) {
				failure = error;
				givenUp.reject(error);
			},
		};
		begin(one);
		const working = transaction(...args.slice(0, -1), (sql: unknown) => {
			if (failure) throw failure;
			isBegun = true;
			return work(sql);
		});
		working.then(
			() => end(one),
			(error: unknown) => end(one, error === failure ? undefined : error),
		);
		return Promise.race([working, givenUp.promise]);
	}

	const driver = () => pool.current as unknown as Driver;
	const sql = Object.assign((...args: unknown[]) => gated(driver()(...args)), pool.current, {
		unsafe: (...args: unknown[]) => gated(driver().unsafe(...args)),
		begin: (...args: unknown[]) => transact(driver().begin, args),
		reserve: () => driver().reserve(),
		listen: (...args: unknown[]) => driver().listen(...args),
		end: ({ timeout = 5 } = {}) => pool.end(timeout),
	}) as unknown as Sql;
	return {
		sql,
		end() {
			clearTimeout(sweeping);
			silence.end();
		},
	};
}

/**
 * Takes a query out of the driver's queue. Where a connection is being made for it the driver runs it when it has one, and loses
 * the connection if it is told not to: then what it runs is nothing.
 */
function takeBack(query: DriverQuery): void {
	query.cancel();
	query.cancelled = null;
	query.strings = ["select 1"];
	query.args = [];
}
