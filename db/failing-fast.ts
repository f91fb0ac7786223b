import type { Sql } from "postgres";
import { type DriverQuery, isQuery, isUnreached } from "./driver-query.ts";
import { createSilence } from "./silence.ts";

export interface FailingFastOptions {
	/** Asks the database something small, on a connection of its own. @throws when it does not answer in time */
	ask(): Promise<void>;
	/** Milliseconds without any answer after which somebody who waits has the database asked. @default 1000 */
	suspectMs?: number;
	/** Longest wait for a connection, in milliseconds. @default 3000 */
	waitMs?: number;
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
	/** A connection is busy with it. */
	isBegun(): boolean;
	/** Ends the wait; what was not sent never will be. */
	giveUp(error: Error): void;
}

type Begin = (...args: unknown[]) => Promise<unknown>;

const SWEEP_MS = 250;

/**
 * The same driver, but nobody waits long for a database that is away, or for a connection where all are in use. The driver
 * lets queries queue until a connection is made, however long that takes, and turns away one for each attempt. Here
 * the first sign of trouble has the database asked; where it is silent the waits of all end, and until it answers again
 * every query fails at once. What was given up before it was sent is not sent later. `reserve` and `listen` are left as they are.
 */
export function failingFast(pool: Sql, options: FailingFastOptions): FailingFast {
	const { ask, suspectMs = 1_000, waitMs = 3_000, now = () => performance.now() } = options;
	/** In the order of their coming. */
	const waiting = new Set<Waiting>();
	let answeredAt = now();
	let sweeping: ReturnType<typeof setTimeout> | undefined;
	const silence = createSilence({
		ask,
		onSilent(cause) {
			for (const one of waiting) one.giveUp(new DatabaseSilent(cause));
			waiting.clear();
		},
	});

	function begin(one: Waiting): void {
		waiting.add(one);
		sweeping ??= setTimeout(sweep, SWEEP_MS);
	}

	function sweep(): void {
		const at = now();
		for (const one of waiting) {
			const ms = at - one.since;
			if (ms < suspectMs) break;
			if (at - answeredAt >= suspectMs) silence.suspect();
			if (ms < waitMs || one.isBegun()) continue;
			waiting.delete(one);
			one.giveUp(new DatabaseBusy(waitMs));
		}
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

	const { unsafe, begin: transaction } = pool as unknown as { unsafe: Begin; begin: Begin };
	const call = pool as unknown as (...args: unknown[]) => unknown;
	const sql = Object.assign((...args: unknown[]) => gated(call(...args)), pool, {
		unsafe: (...args: unknown[]) => gated(unsafe(...args)),
		begin: (...args: unknown[]) => transact(transaction, args),
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
