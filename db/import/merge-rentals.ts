import type { Connection } from "./connection.ts";
import { rentReason } from "./market.ts";
import { applyMerged, countNonMarket, type MergePlan, mergeIncoming } from "./merge.ts";
import type { MergeCounts, Source } from "./summary.ts";

const PLAN: MergePlan = {
	table: "rentals",
	identity: ["content_hash", "occurrence"],
	kept: [
		"registered_at",
		"starts_on",
		"ends_on",
		"kind",
		"area_id",
		"project_key",
		"master_project",
		"property_class",
		"property_type",
		"usage",
		"freehold",
		"annual_rent",
		"contract_rent",
		"size_sqm",
		"rooms",
		"units",
	],
	reason: rentReason,
	evidence: "market",
};

const SAME = "k.content_hash = i.content_hash and k.occurrence = i.occurrence";

/**
 * Merges `staged_rentals` into `rentals`. The website has no number, so equal rows of one file are that many
 * contracts, counted by `occurrence`; Dubai Pulse has one, so there the last of equal ones stands for all.
 */
export async function mergeRentals(
	sql: Connection,
	source: Source,
	runId: number,
	accepted: number,
): Promise<MergeCounts> {
	const numbered = source === "pulse";
	// Not by line: the same contracts in another order must get the same numbers.
	const order = numbered ? "line desc" : "rooms, units, freehold, master_project";
	await sql.unsafe(`create temp table incoming on commit drop as
		select * from (
			select s.*, a.id as area_id,
				row_number() over (partition by content_hash order by ${order}) as occurrence
			from staged_rentals s join areas a on a.key = s.area_key
		) counted ${numbered ? "where occurrence = 1" : ""}`);
	await sql`analyze incoming`;
	await sql`create temp table known on commit drop as
		select r.*, p.key as project_key, p.name as project_name
		from rentals r left join projects p on p.id = r.project_id
		where r.content_hash in (select content_hash from incoming)`;
	await sql`analyze known`;
	await mergeIncoming(sql, PLAN, source, SAME);
	const counts = await applyMerged(sql, PLAN, runId);
	return {
		...counts,
		alreadyThere: accepted - counts.loaded - counts.updated,
		nonMarket: await countNonMarket(sql, PLAN, runId),
	};
}
