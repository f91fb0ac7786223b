import type { Sql } from "postgres";
import { type DriverQuery, isQuery } from "./driver-query.ts";

/** A statement's first word. */
export type QueryOperation = "select" | "insert" | "update" | "delete" | "with" | "other";

/**
 * What a query failed of: the class of its SQLSTATE, which is its first two characters (PostgreSQL's manual, appendix
 * A), `connection` where the server did not answer at all, `other` where it was never asked.
 */
export type QueryFailure = string;

export interface QueryObserver {
	/**
	 * A query was handed to the driver, which may have to wait for a connection. What this gives is called once, at its
	 * end. Neither may throw.
	 */
	started(operation: QueryOperation): (failure?: QueryFailure) => void;
}

type Begin = (...args: [...options: string[], work: (transaction: object) => unknown]) => Promise<unknown>;

/** What the driver's functions for the pool, for a transaction and for a reserved connection have in common. */
type AnySql = ((...args: unknown[]) => unknown) & {
	unsafe(...args: unknown[]): unknown;
	begin?: Begin;
	savepoint?: Begin;
	reserve?: () => Promise<unknown>;
};

/**
 * The same driver, each of its queries observed, those in transactions too. The queries stay what they are, as lazy as
 * before: no promise is put around one, so whoever does not wait for it, or does not catch, sees no difference.
 */
export function observed(sql: Sql, observer: QueryObserver): Sql {
	return observedFunction(sql as unknown as AnySql, observer) as unknown as Sql;
}

function observedFunction(sql: AnySql, observer: QueryObserver): AnySql {
	const { unsafe, begin, savepoint, reserve } = sql;
	const watched = (...args: unknown[]) => watch(sql(...args), observer);
	return Object.assign(watched, sql, {
		unsafe: (...args: unknown[]) => watch(unsafe(...args), observer),
		...(begin && { begin: observedBegin(begin, observer) }),
		...(savepoint && { savepoint: observedBegin(savepoint, observer) }),
		...(reserve && {
			reserve: async () => observedFunction((await reserve()) as AnySql, observer),
		}),
	});
}

/** `begin` itself is a query, the one that waits for a connection. */
function observedBegin(begin: Begin, observer: QueryObserver): Begin {
	return async (...args) => {
		const work = args.at(-1);
		if (typeof work !== "function") return begin(...args);
		const options = args.slice(0, -1) as string[];
		const begun = once(observer.started("other"));
		try {
			return await begin(...options, (transaction) => {
				begun();
				return work(observedFunction(transaction as AnySql, observer));
			});
		} catch (error) {
			begun(failureOf(error));
			throw error;
		}
	};
}

/** The driver may reject a query that it has rejected before. */
function once(end: (failure?: QueryFailure) => void): (failure?: QueryFailure) => void {
	let ended = false;
	return (failure) => {
		if (ended) return;
		ended = true;
		end(failure);
	};
}

function watch(made: unknown, observer: QueryObserver): unknown {
	if (!isQuery(made)) return made;
	const { handler } = made;
	const begin = (query: DriverQuery) => {
		if (query.cursorFn === undefined) observe(query, observer);
		return handler(query);
	};
	made.handler = Object.assign(begin, handler);
	return made;
}

function observe(query: DriverQuery, observer: QueryObserver): void {
	const { resolve, reject } = query;
	const end = once(observer.started(operationOf(query.strings[0])));
	query.resolve = (result) => {
		end();
		resolve(result);
	};
	query.reject = (error) => {
		end(failureOf(error));
		reject(error);
	};
}

const FIRST_WORD = /^[\s(]*(select|insert|update|delete|with)\b/i;

function operationOf(statement = ""): QueryOperation {
	return (FIRST_WORD.exec(statement)?.[1]?.toLowerCase() as QueryOperation | undefined) ?? "other";
}

/** Of the driver's own errors these tell that it was used in a wrong way, not that the server is out of reach. */
const WRONG_USE =
	/^(UNDEFINED_VALUE|NOT_TAGGED_CALL|MAX_PARAMETERS_EXCEEDED|COPY_IN_PROGRESS|UNSAFE_TRANSACTION)$/;

function failureOf(error: unknown): QueryFailure {
	if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return "other";
	if (error.name === "PostgresError" || /^\d/.test(error.code)) return error.code.slice(0, 2);
	return WRONG_USE.test(error.code) ? "other" : "connection";
}
