import type { DatabaseHandle } from "./client.ts";
import { intArray } from "./prepared.ts";

/** Any constant will do, as long as no other lock of this database uses it. */
const REFRESH_LOCK = 7_203_118;
/** Changes are kept for this long after the views have taken them up, for servers that were cut off meanwhile. */
const KEPT_FOR = "7 days";

export type Refreshed =
	/** `version`: what is in the views is of this data version or later. */
	| { readonly did: "refresh"; readonly version: number; readonly areas: number }
	/** They were up to date, or somebody else is at it. */
	| { readonly did: "nothing"; readonly why: "up-to-date" | "busy" };

type Transaction = Parameters<Parameters<DatabaseHandle["sql"]["begin"]>[1]>[0];

/**
 * Makes the views over the market anew where something changed since, beside the old ones, so that whoever reads them
 * neither waits nor finds them empty. What changed in them is written down like any other change of the market, and
 * announced with the commit: what was answered from the old ones is to be forgotten then, not earlier. One process at a
 * time does it, the others are told that it is busy.
 *
 * @param options.ifOlderThanMs made anew then though no change is known: somebody may have switched the triggers off
 * @param options.wait for whoever is at it, instead of leaving it to them
 */
export function refreshViews(
	{ sql }: Pick<DatabaseHandle, "sql">,
	{ ifOlderThanMs, wait = false }: { ifOlderThanMs?: number; wait?: boolean } = {},
): Promise<Refreshed> {
	return sql.begin(async (transaction): Promise<Refreshed> => {
		await transaction`set local statement_timeout = 0`;
		if (!(await takeLock(transaction, wait))) return { did: "nothing", why: "busy" };
		const since = await unseenChanges(transaction);
		if (!since.changed && !(since.ageMs >= (ifOlderThanMs ?? Number.POSITIVE_INFINITY)))
			return { did: "nothing", why: "up-to-date" };
		await refresh(transaction, since);
		await clearAway(transaction);
		return { did: "refresh", version: since.version, areas: since.areaIds.length };
	});
}

async function takeLock(sql: Transaction, wait: boolean): Promise<boolean> {
	if (wait) {
		await sql`select pg_advisory_xact_lock(${REFRESH_LOCK})`;
		return true;
	}
	const [lock] = await sql<{ taken: boolean }[]>`select pg_try_advisory_xact_lock(${REFRESH_LOCK}) as taken`;
	return lock?.taken ?? false;
}

interface Unseen {
	/** The data version now: read before the views are, so they are of this one or a later one. */
	version: number;
	changed: boolean;
	/** Of the views. */
	ageMs: number;
	everything: boolean;
	areaIds: number[];
}

async function unseenChanges(sql: Transaction): Promise<Unseen> {
	const [state] = await sql<{ version: string; age_ms: number }[]>`
		select coalesce((select max(version) from market_changes), 0) as version,
			(extract(epoch from clock_timestamp() - views_refreshed_at) * 1000)::float8 as age_ms
		from market_state`;
	const changes = await sql<{ everything: boolean; area_ids: number[] }[]>`
		select everything, to_json(area_ids) as area_ids from market_changes
		where version > (select views_version from market_state) and version <= ${state?.version ?? 0} and not of_views`;
	return {
		version: Number(state?.version ?? 0),
		changed: changes.length > 0,
		ageMs: state?.age_ms ?? 0,
		everything: changes.some(({ everything }) => everything),
		areaIds: [...new Set(changes.flatMap(({ area_ids }) => area_ids))].sort((a, b) => a - b),
	};
}

async function refresh(sql: Transaction, { version, everything, areaIds }: Unseen): Promise<void> {
	const before = await digestNames(sql);
	await sql`refresh materialized view concurrently market_names`;
	await sql`refresh materialized view concurrently market_months`;
	const after = await digestNames(sql);
	await sql`update market_state set views_version = ${version}, views_refreshed_at = clock_timestamp()`;
	await sql`insert into market_changes
			("transaction", of_views, everything, area_ids, sales_names_changed, rental_names_changed)
		values (pg_current_xact_id(), true, ${everything}, ${intArray(areaIds)}::int[],
			${before.sales !== after.sales}, ${before.rentals !== after.rentals})`;
}

/** A fingerprint of all names in the lists. */
async function digestNames(sql: Transaction): Promise<{ sales: string; rentals: string }> {
	const rows = await sql<{ side: "sales" | "rentals"; digest: string }[]>`
		select side, md5(string_agg(kind || '|' || name, E'\n' order by kind collate "C", name collate "C")) as digest
		from market_names group by side`;
	const of = (side: string) => rows.find((row) => row.side === side)?.digest ?? "";
	return { sales: of("sales"), rentals: of("rentals") };
}

async function clearAway(sql: Transaction): Promise<void> {
	await sql`with cleared as (
			delete from market_changes where at < now() - ${KEPT_FOR}::interval
				and version < (select views_version from market_state) returning version
		)
		update market_state set cleared_version = (select max(version) from cleared)
		where exists (select from cleared)`;
}
