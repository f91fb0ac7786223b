import type { Sql } from "postgres";
import type { Subject } from "./subjects.ts";

/**
 * What the system before this one asked its database for the same answers, on the same tables: pinned here, so that
 * nothing that is made faster in this one makes its yardstick shorter. Areas are found by their names, as there they
 * were columns of text. All rows are fetched; working an answer out of them is not part of it.
 */
export interface OriginalQueries {
	areas(): Promise<number>;
	types(): Promise<number>;
	valuation(subject: Subject): Promise<number>;
}

/** @returns functions that give back how many rows there were, once all of them are here */
export function originalQueries(sql: Sql): OriginalQueries {
	return {
		async areas() {
			const rows = await sql`
				select distinct on (lower(a.name)) a.name as area
				from sales s join areas a on a.id = s.area_id
				where a.name is not null and a.name <> ''
				order by lower(a.name), case when a.name = initcap(a.name) then 0 else 1 end, a.name`;
			return rows.length;
		},

		async types() {
			const types = await sql<{ name: string }[]>`
				select distinct property_type as name from rentals where property_type is not null`;
			const usages = await sql<{ name: string }[]>`
				select distinct usage as name from rentals where usage is not null`;
			return new Set([...types, ...usages].map(({ name }) => name)).size;
		},

		async valuation(subject) {
			const like = `%${subject.area}%`;
			const pool = await comparablePool(sql, subject, like);
			const local = await newestRents(sql, like);
			const everywhere = await newestRents(sql);
			return pool.length + local.length + everywhere.length;
		},
	};
}

/** Anything in the area, or of the type and about the size anywhere. */
function comparablePool(sql: Sql, { type, size }: Subject, like: string) {
	return sql`
		select s.number, s.registered_at, s.price, s.size_sqm, s.property_type, s.usage, s.rooms,
			s.development_status, a.name as area, p.name as project, s.master_project
		from sales s join areas a on a.id = s.area_id left join projects p on p.id = s.project_id
		where s.price between 100000 and 50000000 and s.size_sqm between 20 and 2000
			and (a.name ilike ${like}
				or (s.property_type = ${type} and s.size_sqm between ${size * 0.7}::numeric and ${size * 1.3}::numeric))
		order by case when a.name ilike ${like} and s.property_type = ${type} then 1 else 0 end desc,
			abs(s.size_sqm - ${size}::numeric), s.registered_at desc
		limit 500`;
}

function newestRents(sql: Sql, like?: string) {
	const [limit, inArea] = like === undefined ? [100, sql`true`] : [50, sql`a.name ilike ${like}`];
	return sql`
		select r.registered_at, r.annual_rent, r.size_sqm, r.property_type, r.usage, r.rooms, a.name as area
		from rentals r join areas a on a.id = r.area_id
		where r.annual_rent > 0 and ${inArea}
		order by r.registered_at desc
		limit ${limit}`;
}
