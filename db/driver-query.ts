/** The members of the driver's queries that are no part of its types. */
export interface DriverQuery {
	/** What is sent is made of these two when a connection takes the query, not before. */
	strings: readonly string[];
	args: unknown[];
	/** Set for a query that is read in portions: it resolves more than once. */
	readonly cursorFn?: unknown;
	/** Puts it in the queue. Called when somebody first waits for the query, and never for a part of another query. */
	handler: ((query: DriverQuery) => unknown) & { debug?: unknown };
	resolve(result: unknown): void;
	reject(error: unknown): void;
	/** Set once it was sent to the server, maybe behind others. */
	readonly state: unknown;
	/** It is the one that its connection is busy with. */
	readonly active: boolean;
	/** Rows as they are to be given: objects, or arrays. */
	isRaw?: unknown;
	/** Where it was not sent, it leaves the queue and is rejected. */
	cancel(): void;
	cancelled: unknown;
}

/** Names of tables and other parts of queries come out of the same functions. */
export function isQuery(made: unknown): made is DriverQuery {
	return made instanceof Promise && "handler" in made && typeof made.handler === "function";
}

/** The code of a driver's or server's error, also inside of those that wrap it; empty where it has none. */
export function codeOf(error: unknown, depth = 0): string {
	if (!(error instanceof Error) || depth > 5) return "";
	return "code" in error ? String(error.code) : codeOf(error.cause, depth + 1);
}

/**
 * No connection was made, or it went away: Node's codes, the driver's, and PostgreSQL's (class 08, and 57P01 to 57P03 of a
 * server that stops or starts).
 */
const UNREACHED =
	/^(E(CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOENT|NOTFOUND|AI_AGAIN|PIPE|TIMEDOUT)|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|57P0[123]|08\w{3})$/;

/** Whether the server, rather than what was asked of it, is why a query failed. */
export function isUnreached(error: unknown): boolean {
	return UNREACHED.test(codeOf(error));
}
