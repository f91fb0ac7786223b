import { openDatabase } from "../../db/client.ts";
import { createRandom } from "../../src/lib/random.ts";
import { ACCEPTS_GZIP, type BenchRequest } from "../measure/request.ts";
import { shuffled } from "./shuffled.ts";

/** A property that somebody may ask the value of: one that was sold. */
export interface Subject {
	readonly type: string;
	readonly area: string;
	readonly project: string | null;
	/** Square metres, to one decimal: finer than that the API does not look. */
	readonly size: number;
	/** 0 is a studio. */
	readonly rooms: number | null;
	readonly status: "Ready" | "Off-Plan";
}

/**
 * All different properties among the arm's-length sales of homes, offices, shops and the like; whole buildings and
 * plots of land, which are not valued, left out. The same order for the same data and seed.
 */
export async function soldSubjects(url: string, seed: number): Promise<Subject[]> {
	const database = openDatabase({ url, max: 1 });
	try {
		const rows = await database.sql<Subject[]>`
			select s.property_type as type, a.name as area, p.name as project,
				round(s.size_sqm, 1)::float8 as size, s.rooms, s.development_status as status
			from sales s join areas a on a.id = s.area_id left join projects p on p.id = s.project_id
			where s.arms_length and s.property_class in ('unit', 'villa')
				and s.size_sqm between 5 and 50000 and coalesce(s.rooms, 0) between 0 and 20
			group by 1, 2, 3, 4, 5, 6
			order by min(s.number)`;
		return shuffled(rows, createRandom(seed));
	} finally {
		await database.close();
	}
}

/** The request for a subject's value. */
export function valuationRequest(subject: Subject, token: string): BenchRequest {
	const { type, area, project, size, rooms, status } = subject;
	return {
		method: "POST",
		path: "/api/property/valuation",
		headers: { ...asking(token), "Content-Type": "application/json" },
		body: JSON.stringify({
			property_type: type,
			area,
			size_sqm: size,
			...(project !== null && { project }),
			...(rooms !== null && { bedrooms: rooms }),
			development_status: status,
		}),
	};
}

/** The headers of somebody who is signed in. */
export function asking(token: string): Record<string, string> {
	return { ...ACCEPTS_GZIP, Authorization: `Bearer ${token}` };
}
