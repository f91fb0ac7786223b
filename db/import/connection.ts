import type { DatabaseHandle } from "../client.ts";
import { ImportError } from "./errors.ts";

/** The one connection on which an import does all of its work. */
export type Connection = Awaited<ReturnType<DatabaseHandle["sql"]["reserve"]>>;

/** Any constant will do, as long as no other lock of this database uses it. */
const IMPORT_LOCK = 7_203_116;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Runs `work` on a connection that holds the import lock, so that imports never overlap. The lock goes with the
 * connection, so a killed import does not keep it. Statements have no time limit here.
 *
 * @throws {ImportError} when another import holds the lock for longer than `waitMs`
 */
export async function withImportLock<T>(
	handle: DatabaseHandle,
	waitMs: number,
	work: (sql: Connection) => Promise<T>,
): Promise<T> {
	const sql = await handle.sql.reserve();
	let lost = false;
	try {
		await sql`set statement_timeout = 0`;
		// Otherwise the server would finish a long merge for a client that is gone, and keep the lock meanwhile.
		await sql`set client_connection_check_interval = '2s'`;
		await sql`select set_config('lock_timeout', ${`${waitMs}ms`}, false)`;
		await lock(sql);
		await sql`reset lock_timeout`;
		return await work(sql);
	} catch (error) {
		lost = connectionLost(error);
		throw error;
	} finally {
		if (!lost) await giveBack(sql);
	}
}

/**
 * Whether the connection went away. It must not be used any more then, nor given back: the driver has taken it out of
 * the pool by itself, and throws where nobody can catch it when something is written to it.
 */
export function connectionLost(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	return /^(CONNECTION_|ECONN|EPIPE|57P0|08)/.test(code);
}

async function lock(sql: Connection): Promise<void> {
	try {
		await sql`select pg_advisory_lock(${IMPORT_LOCK})`;
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === LOCK_NOT_AVAILABLE)) throw error;
		const [other] = await sql<{ file: string }[]>`
			select file from import_runs where status = 'running' order by id desc limit 1`;
		throw new ImportError(
			`Another import is running${other ? ` (${other.file})` : ""}; start this one again when it has ended.`,
		);
	}
}

async function giveBack(sql: Connection): Promise<void> {
	await sql`select pg_advisory_unlock_all()`;
	await sql`reset statement_timeout`;
	await sql`reset client_connection_check_interval`;
	await sql`reset lock_timeout`;
	sql.release();
}
