import type { Connection } from "./connection.ts";

export interface NamesDigest {
	sales: string;
	rentals: string;
}

/**
 * A fingerprint of all names that lists are made of: areas and property types, each with whether something under it
 * is evidence of the market, so that it does not matter which of the rows a list is made of.
 */
export async function digestNames(sql: Connection): Promise<NamesDigest> {
	return {
		sales: await digest(sql, "sales", "arms_length"),
		rentals: await digest(sql, "rentals", "market"),
	};
}

async function digest(sql: Connection, table: "sales" | "rentals", evidence: string): Promise<string> {
	const group = table === "sales" ? `"group"` : "null";
	const [row] = await sql.unsafe<
		{ digest: string }[]
	>(`select md5(coalesce(string_agg(n, E'\\n' order by n collate "C"), ''))
		as digest from (
			select concat_ws('|', 'area', a.name, s.evidence, s.kind) as n
			from (select distinct area_id, ${evidence} as evidence, ${group} as kind from ${table}) s
			join areas a on a.id = s.area_id
			union all
			select distinct concat_ws('|', 'type', property_type, property_class, ${evidence}, ${group}) from ${table}
		) names`);
	return row?.digest ?? "";
}
