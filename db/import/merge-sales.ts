import type { Connection } from "./connection.ts";
import { saleReason } from "./market.ts";
import { applyMerged, countNonMarket, type MergePlan, mergeIncoming } from "./merge.ts";
import type { MergeCounts, Source } from "./summary.ts";

const PLAN: MergePlan = {
	table: "sales",
	identity: [`"group"`, "number", "occurrence"],
	kept: [
		"registered_at",
		"procedure",
		"area_id",
		"project_key",
		"master_project",
		"property_class",
		"property_type",
		"usage",
		"development_status",
		"freehold",
		"price",
		"size_sqm",
		"procedure_size_sqm",
		"rooms",
		"rooms_label",
	],
	reason: saleReason,
	evidence: "arms_length",
};

/** What tells the properties under one transaction number apart: a mortgage may be on hundreds of flats. */
const PROPERTY = ["price", "size_sqm", "procedure_size_sqm", "property_type"];

const WINDOWS = `count(*) over (partition by "group", number) as copies,
	row_number() over (partition by "group", number, ${PROPERTY.join(", ")} order by ${PLAN.kept.join(", ")}) as slot`;

/** One row on both sides is the same one, corrected or not; of several each is found again by its property. */
const SAME = `k."group" = i."group" and k.number = i.number and (
	(i.copies = 1 and k.copies = 1)
	or (${PROPERTY.map((column) => `k.${column} is not distinct from i.${column}`).join(" and ")} and k.slot = i.slot))`;

/**
 * Merges `staged_sales` into `sales`. Rows of the file that share an identity and all that is kept are one row; rows
 * that share an identity only become further occurrences of it.
 */
export async function mergeSales(
	sql: Connection,
	source: Source,
	runId: number,
	accepted: number,
): Promise<MergeCounts> {
	const kept = PLAN.kept.join(", ");
	await sql.unsafe(`create temp table incoming on commit drop as
		select *, ${WINDOWS}, null::integer as occurrence from (
			select "group", number, ${kept}, min(project_name) as project_name
			from (select s.*, a.id as area_id from staged_sales s join areas a on a.key = s.area_key) named
			group by "group", number, ${kept}
		) different`);
	await sql`analyze incoming`;
	await sql.unsafe(`create temp table known on commit drop as
		select *, ${WINDOWS} from (
			select s.*, p.key as project_key, p.name as project_name
			from sales s left join projects p on p.id = s.project_id
			where (s."group", s.number) in (select "group", number from incoming)
		) found`);
	await sql`analyze known`;
	await mergeIncoming(sql, PLAN, source, SAME);
	await sql`update merged m set occurrence = numbered.occurrence
		from (
			select m.ctid as row, coalesce(k.last, 0)
				+ row_number() over (partition by m."group", m.number order by m.price desc, m.size_sqm desc, m.ctid) as occurrence
			from merged m
			left join (select "group", number, max(occurrence) as last from known group by 1, 2) k using ("group", number)
			where m.is_new
		) numbered
		where m.ctid = numbered.row`;
	const counts = await applyMerged(sql, PLAN, runId);
	await markDuplicates(sql);
	return {
		...counts,
		alreadyThere: accepted - counts.loaded - counts.updated,
		nonMarket: await countNonMarket(sql, PLAN, runId),
	};
}

/** Of the rows that share one sale's number the first that is evidence stays so; the others would count it twice. */
async function markDuplicates(sql: Connection): Promise<void> {
	await sql.unsafe(`with judged as (
			select id, number, occurrence, ${saleReason} as reason from sales
			where "group" = 'sale'
				and number in (select number from merged where is_new or is_changed)
				and number in (select number from sales where "group" = 'sale' and occurrence > 1)
		), ranked as (
			select id, reason, row_number() over (partition by number, reason is null order by occurrence) as place
			from judged
		), decided as (
			select id, case when reason is null and place > 1 then 'duplicate'::non_market_reason else reason end as reason
			from ranked
		)
		update sales s set non_market_reason = d.reason, arms_length = d.reason is null
		from decided d where s.id = d.id and s.non_market_reason is distinct from d.reason`);
}
