import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { intArray, prepared, textArray } from "../prepared.ts";

/** A sale that may serve as a comparable. AED, square metres. */
export interface EvidenceRow {
	id: number;
	/** Counted from 1970-01-01 in Dubai. */
	day: number;
	price: number;
	sizeSqm: number;
	rooms: number | null;
	ready: boolean;
	areaId: number;
	projectId: number | null;
}

/** Which sales are wanted: the latest of one property type in an area or a project. */
export interface Wanted {
	id: number;
	propertyType: string;
	/** YYYY-MM-DD in Dubai: `from` counts, `before` does not. */
	from: string;
	before: string;
}

const param = sql.placeholder;

const wantedRows = sql`unnest(${param("ids")}::int[], ${param("propertyTypes")}::text[], ${param("froms")}::date[],
	${param("befores")}::date[]) with ordinality as wanted(id, property_type, "from", before, place)`;

/** The scalar subquery reads the index alone, in its order, and stops at the limit. */
function latestBy(column: "area_id" | "project_id") {
	return prepared((db) =>
		db
			.select({
				evidence: sql<Uint8Array | null>`(
					select string_agg(latest.evidence, ''::bytea) from (
						select evidence from sales
						where ${sql.raw(column)} = wanted.id and property_type = wanted.property_type and evidence is not null
							and registered_at >= wanted."from" and registered_at < wanted.before
						order by registered_at desc, id desc limit ${param("limit")}::int
					) latest)`,
			})
			.from(wantedRows)
			.orderBy(sql`wanted.place`)
			.prepare(`latest_sales_by_${column}`),
	);
}

const latestOfAreas = latestBy("area_id");
const latestOfProjects = latestBy("project_id");

/** For each one wanted its latest sales, at most `limit`, ascending by instant of registration. */
export function latestSalesOfAreas(db: Database, wanted: readonly Wanted[], limit: number) {
	return latest(latestOfAreas(db), wanted, limit);
}

export function latestSalesOfProjects(db: Database, wanted: readonly Wanted[], limit: number) {
	return latest(latestOfProjects(db), wanted, limit);
}

async function latest(query: ReturnType<typeof latestOfAreas>, wanted: readonly Wanted[], limit: number) {
	if (wanted.length === 0) return [];
	const rows = await query.execute({
		ids: intArray(wanted.map(({ id }) => id)),
		propertyTypes: textArray(wanted.map(({ propertyType }) => propertyType)),
		froms: textArray(wanted.map(({ from }) => from)),
		befores: textArray(wanted.map(({ before }) => before)),
		limit,
	});
	return rows.map(({ evidence }) => (evidence ? unpack(evidence).reverse() : []));
}

/** Bytes of one sale, as the column `evidence` of `sales` packs them. */
const PACKED = 40;

function unpack(packed: Uint8Array): EvidenceRow[] {
	const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
	return Array.from({ length: packed.byteLength / PACKED }, (_, index) => {
		const at = index * PACKED;
		const rooms = view.getInt16(at + 28);
		const projectId = view.getInt32(at + 36);
		return {
			// No register has more sales than a double counts.
			id: view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4),
			day: view.getInt32(at + 8),
			price: view.getFloat64(at + 12),
			sizeSqm: view.getFloat64(at + 20),
			rooms: rooms < 0 ? null : rooms,
			ready: view.getInt16(at + 30) === 1,
			areaId: view.getInt32(at + 32),
			projectId: projectId < 0 ? null : projectId,
		};
	});
}
