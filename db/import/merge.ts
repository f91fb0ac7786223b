import type { Connection } from "./connection.ts";
import { ImportError } from "./errors.ts";
import type { Source } from "./summary.ts";

/** How rows of one kind are merged into what is known. All strings are SQL text made of this folder's constants. */
export interface MergePlan {
	table: "sales" | "rentals";
	/** What tells the rows of the table apart. */
	identity: readonly string[];
	/** Values that are kept; `project_key` stands for the project. */
	kept: readonly string[];
	/** Why a merged row is not evidence of the market, null when it is. */
	reason: string;
	/** The column that says the opposite. */
	evidence: "arms_length" | "market";
}

const COPIED = (plan: MergePlan) => plan.kept.filter((column) => column !== "project_key");

/**
 * Joins `incoming` with `known` (both made by the caller, with the kept columns and `project_name`; `known` also with
 * `id` and `source`) into `merged`: one row per incoming one, with the values that shall stand.
 *
 * Where both know a value the newer source's stands: the website's over Dubai Pulse's whichever came first, else the
 * file that is imported later. A value that only one of them knows always stands, so nothing is ever blanked out, and
 * the order of importing two sources does not matter.
 */
export async function mergeIncoming(
	sql: Connection,
	plan: MergePlan,
	source: Source,
	match: string,
): Promise<void> {
	const older = source === "pulse" ? "k.source = 'website'" : "false";
	const standing = [...plan.kept, "project_name"].map(
		(column) =>
			`case when ${older} then coalesce(k.${column}, i.${column}) else coalesce(i.${column}, k.${column}) end as ${column}, k.${column} as known_${column}`,
	);
	const list = (prefix: string) => [...plan.kept, "source"].map((column) => `${prefix}${column}`).join(", ");
	await sql.unsafe(`create temp table merged on commit drop as
		select *, known_id is null as is_new, ${plan.reason} as reason,
			known_id is not null and (${list("")}) is distinct from (${list("known_")}) as is_changed
		from (
			select ${plan.identity.map((column) => `i.${column}`).join(", ")}, k.id as known_id,
				case when ${older} then k.source else '${source}'::source end as source, k.source as known_source,
				${standing.join(", ")}
			from incoming i left join known k on ${match}
		) standing`);
	await sql`analyze merged`;
	await sql`insert into projects (area_id, name, key)
		select distinct on (area_id, project_key) area_id, project_name, project_key from merged m
		where (is_new or is_changed) and project_key is not null
			and not exists (select from projects p where p.area_id = m.area_id and p.key = m.project_key)
		order by area_id, project_key, project_name`;
}

/** What `occurrence`, a `smallint`, holds at most. */
const MOST_OCCURRENCES = 32_767;

/**
 * Writes `merged` into the table and answers how many rows were added and changed.
 *
 * @throws {ImportError} when more rows share one identity than can be told apart
 */
export async function applyMerged(
	sql: Connection,
	plan: MergePlan,
	runId: number,
): Promise<{ loaded: number; updated: number }> {
	const [most] = await sql<
		{ occurrence: number | null }[]
	>`select max(occurrence)::int as occurrence from merged`;
	if ((most?.occurrence ?? 0) > MOST_OCCURRENCES) {
		throw new ImportError(
			`More than 32,767 rows are one and the same ${plan.table === "sales" ? "sale's" : "contract's"}: the file is damaged, fetch it again.`,
		);
	}
	const copied = COPIED(plan);
	const projects = "left join projects p on p.area_id = m.area_id and p.key = m.project_key";
	const updated = await sql.unsafe(`update ${plan.table} t set
			${copied.map((column) => `${column} = m.${column}`).join(", ")},
			project_id = p.id, source = m.source, import_run_id = ${runId},
			${plan.evidence} = m.reason is null, non_market_reason = m.reason
		from merged m ${projects} where m.is_changed and t.id = m.known_id`);
	const loaded = await sql.unsafe(`insert into ${plan.table} (
			${[...plan.identity, ...copied].join(", ")},
			project_id, source, import_run_id, ${plan.evidence}, non_market_reason)
		select ${[...plan.identity, ...copied].map((column) => `m.${column}`).join(", ")},
			p.id, m.source, ${runId}, m.reason is null, m.reason
		from merged m ${projects} where m.is_new
		order by m.area_id, m.property_type`);
	return { loaded: loaded.count, updated: updated.count };
}

/** Rows that this run added or changed and that are not evidence of the market, by reason. */
export async function countNonMarket(
	sql: Connection,
	plan: MergePlan,
	runId: number,
): Promise<Record<string, number>> {
	const rows = await sql<{ reason: string; n: number }[]>`
		select non_market_reason::text as reason, count(*)::int as n from ${sql(plan.table)}
		where import_run_id = ${runId} and non_market_reason is not null group by 1 order by 2 desc`;
	return Object.fromEntries(rows.map((row) => [row.reason, row.n]));
}
