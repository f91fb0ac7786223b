import type { Connection } from "./connection.ts";
import type { MergeCounts } from "./summary.ts";

/** Weaker links are wrong: they rest on one project that happens to share its name with another. */
const LEAST_SHARE = 0.1;

/** Leaves weak links and those of an area to itself out of `staged_links`: no area may come to be through them. */
export async function dropWeakLinks(sql: Connection): Promise<void> {
	await sql`delete from staged_links where share < ${LEAST_SHARE} or sales_key = rental_key`;
}

/**
 * Makes `area_links` what `staged_links` says. The file is taken as the whole truth about the areas it names: links
 * that an earlier file gave and this one does not are removed.
 */
export async function mergeCrosswalk(sql: Connection, accepted: number): Promise<MergeCounts> {
	await sql`create temp table wanted_links on commit drop as
		select s.id as sales_area_id, r.id as rental_area_id, max(l.share) as share,
			max(l.shared_projects) as shared_projects
		from staged_links l join areas s on s.key = l.sales_key join areas r on r.key = l.rental_key
		group by 1, 2`;
	const changes = await replaceLinks(sql, "crosswalk");
	return { ...changes, alreadyThere: accepted - changes.loaded - changes.updated, nonMarket: {} };
}

/**
 * Derives, from the projects that sales and rental contracts both name, in which rental areas a sales area lies. Areas
 * that exist under one name on both sides need no link; areas that a crosswalk file speaks about keep what it says.
 */
export async function deriveLinks(sql: Connection): Promise<void> {
	await sql`create temp table wanted_links on commit drop as
		with let_in as (
			select distinct p.key, r.area_id from (select distinct project_id, area_id from rentals) r
			join projects p on p.id = r.project_id
		), sold as (
			select s.area_id, p.key, s.n
			from (select project_id, area_id, count(*) as n from sales where "group" = 'sale' group by 1, 2) s
			join projects p on p.id = s.project_id
		), pairs as (
			select sold.area_id as sales_area_id, let_in.area_id as rental_area_id,
				sum(n) / sum(sum(n)) over (partition by sold.area_id) as share, count(*)::int as shared_projects
			from sold join let_in using (key)
			group by 1, 2
		)
		select sales_area_id, rental_area_id, round(share, 3)::real as share, shared_projects from pairs
		where share >= ${LEAST_SHARE}
			and sales_area_id not in (select area_id from rentals)
			and sales_area_id not in (select sales_area_id from area_links where source = 'crosswalk')`;
	await replaceLinks(sql, "derived");
}

/** A crosswalk's links replace derived ones of the same sales areas; derived ones replace only derived ones. */
async function replaceLinks(
	sql: Connection,
	source: "crosswalk" | "derived",
): Promise<{ loaded: number; updated: number }> {
	await sql`delete from area_links l
		where not exists (
				select from wanted_links w
				where w.sales_area_id = l.sales_area_id and w.rental_area_id = l.rental_area_id
			)
			and (l.source = ${source}
				or (${source} = 'crosswalk' and l.sales_area_id in (select sales_area_id from wanted_links)))`;
	const written = await sql<{ is_new: boolean }[]>`
		insert into area_links (sales_area_id, rental_area_id, share, shared_projects, source)
		select sales_area_id, rental_area_id, share, shared_projects, ${source}::area_link_source from wanted_links
		on conflict (sales_area_id, rental_area_id) do update set
			share = excluded.share, shared_projects = excluded.shared_projects, source = excluded.source
		where (area_links.share, area_links.shared_projects, area_links.source)
			is distinct from (excluded.share, excluded.shared_projects, excluded.source)
		returning xmax = 0 as is_new`;
	await sql`drop table wanted_links`;
	const loaded = written.filter((row) => row.is_new).length;
	return { loaded, updated: written.length - loaded };
}
