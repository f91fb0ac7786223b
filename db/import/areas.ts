import type { Connection } from "./connection.ts";
import { NICKNAMES } from "./nicknames.ts";

/**
 * Makes sure that each area named in a staging table exists, one row per folded name. Of several spellings the one in
 * mixed case is for people; it also replaces one in capitals that came earlier.
 */
export async function mergeAreas(
	sql: Connection,
	names: { table: string; key: string; name: string },
): Promise<void> {
	await sql.unsafe(`create temp table spellings on commit drop as
		select distinct on (key) key, name from (
			select ${names.key} as key, ${names.name} as name, count(*) as n from ${names.table} group by 1, 2
		) counted
		order by key, name = upper(name), n desc, name collate "C"`);
	await sql`insert into areas (name, key)
		select name, key from spellings s where not exists (select from areas a where a.key = s.key)
		order by key collate "C"`;
	await sql`update areas a set name = s.name from spellings s
		where a.key = s.key and a.name = upper(a.name) and s.name <> upper(s.name)`;
	await sql`drop table spellings`;
}

/**
 * Gives areas the names that people use for them, except where such a name is an area of its own, and takes back those
 * that have become one.
 */
export async function applyNicknames(sql: Connection): Promise<void> {
	const pairs = Object.entries(NICKNAMES).flatMap(([key, aliases]) =>
		aliases.map((alias) => ({ key, alias })),
	);
	const keys = pairs.map((pair) => pair.key);
	const aliases = pairs.map((pair) => pair.alias);
	await sql`with wanted as (
			select key, coalesce(array_agg(alias order by alias collate "C")
				filter (where not exists (select from areas a where a.key = n.alias)), '{}') as aliases
			from unnest(${keys}::text[], ${aliases}::text[]) as n (key, alias)
			group by key
		)
		update areas a set aliases = w.aliases from wanted w
		where a.key = w.key and a.aliases is distinct from w.aliases`;
}
