import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { prepared } from "../prepared.ts";
import { rentals } from "../schema/index.ts";

/** A new rental contract that may say what a home lets for. AED a year, square metres; days counted from 1970-01-01 in Dubai. */
export interface RentRow {
	id: number;
	/** When it became known: the day of registration, or of its start where the source does not say. */
	knownDay: number;
	startsDay: number;
	annualRent: number;
	sizeSqm: number;
	/** 0 is a studio; null when the register does not say, as of nearly all flats. */
	rooms: number | null;
	/** Whether it is one of the wanted projects, and whether it is in any project at all. */
	ofProject: boolean;
	inProject: boolean;
}

/** The latest contracts of sizes from and to, both included. */
export interface RentPick {
	low: number;
	high: number;
	most: number;
}

/** Which contracts are wanted: the latest of each pick. `from` counts, `before` does not. */
export interface WantedRents {
	propertyType: string;
	areaIds: readonly number[];
	/** Rows of `projects` that rental contracts name, in those areas; several where a project lies in several. */
	projectIds: readonly number[];
	from: number;
	before: number;
	ofProject: RentPick;
	ofArea: RentPick;
	/** Those of the areas that are of the very size: what is let again and again in one building. */
	ofSize: { sizeSqm: number; most: number };
}

/** As the indexes on `rentals` have it, to the letter. Dubai Pulse gives no day of registration. */
const knownAt = (table: string) => sql.raw(`coalesce(${table}registered_at, ${table}starts_on::timestamp)`);

/** The indexes are read backwards and hold all that is asked for, so that each place costs no more than it contributes. */
function latest(places: "project_ids" | "area_ids", ofSizes: SQL, most: SQL): SQL {
	const latestFirst = sql`order by ${knownAt("r.")} desc, r.id desc limit ${most}`;
	return sql`(
		select r.* from unnest(wanted.${sql.raw(places)}) as place(id) cross join lateral (
			select r.* from rentals r
			where r.market and r.kind = 'new' and r.${sql.raw(places.slice(0, -1))} = place.id
				and r.property_type = wanted.property_type and ${ofSizes}
				and ${knownAt("r.")} >= wanted.known_from and ${knownAt("r.")} < wanted.known_before
			${latestFirst}
		) r ${latestFirst})`;
}

const picks = sql.join(
	[
		latest(
			"project_ids",
			sql`r.size_sqm between wanted.project_low and wanted.project_high`,
			sql`wanted.project_most`,
		),
		latest("area_ids", sql`r.size_sqm between wanted.area_low and wanted.area_high`, sql`wanted.area_most`),
		latest("area_ids", sql`r.size_sqm = wanted.size`, sql`wanted.size_most`),
	],
	sql` union all `,
);

const latestQuery = prepared((db) =>
	db
		.select({
			evidence: sql<Uint8Array | null>`(
				select string_agg(
					int8send(r.id) || int4send(${knownAt("r.")}::date - date '1970-01-01')
					|| int4send(r.starts_on - date '1970-01-01') || float8send(r.annual_rent::float8)
					|| float8send(r.size_sqm::float8) || int2send(coalesce(r.rooms, -1::smallint))
					|| int2send((case when r.project_id is null then 0
						when r.project_id = any(wanted.project_ids) then 3 else 2 end)::smallint), ''::bytea)
				from (${picks}) r)`,
		})
		.from(
			sql`(
				select *, (date '1970-01-01' + w."from")::timestamp as known_from,
					(date '1970-01-01' + w.before)::timestamp as known_before
				from jsonb_to_recordset(${sql.placeholder("wanted")}::text::jsonb) as w(
					place int, property_type text, area_ids int[], project_ids int[], "from" int, before int,
					project_low numeric, project_high numeric, project_most int,
					area_low numeric, area_high numeric, area_most int, size numeric, size_most int)
			) as wanted`,
		)
		.orderBy(sql`wanted.place`)
		.prepare("latest_rents"),
);

/** For each one wanted the contracts of its three picks, each contract once. One query, however many are wanted. */
export async function latestRents(db: Database, wanted: readonly WantedRents[]): Promise<RentRow[][]> {
	if (wanted.length === 0) return [];
	const rows = await latestQuery(db).execute({ wanted: JSON.stringify(wanted.map(record)) });
	return rows.map(({ evidence }) => (evidence ? unpack(evidence) : []));
}

function record({ ofProject, ofArea, ofSize, ...wanted }: WantedRents, place: number) {
	return {
		place,
		property_type: wanted.propertyType,
		area_ids: wanted.areaIds,
		project_ids: wanted.projectIds,
		from: wanted.from,
		before: wanted.before,
		project_low: ofProject.low,
		project_high: ofProject.high,
		project_most: ofProject.most,
		area_low: ofArea.low,
		area_high: ofArea.high,
		area_most: ofArea.most,
		size: ofSize.sizeSqm,
		size_most: ofSize.most,
	};
}

/** Bytes of one contract, as the query packs them: a hundred rows in one value cost a fraction of a hundred rows. */
const PACKED = 36;

function unpack(packed: Uint8Array): RentRow[] {
	const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
	const rows = new Map<number, RentRow>();
	for (let at = 0; at < packed.byteLength; at += PACKED) {
		// No register has more contracts than a double counts.
		const id = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
		if (rows.has(id)) continue;
		const rooms = view.getInt16(at + 32);
		const flags = view.getInt16(at + 34);
		rows.set(id, {
			id,
			knownDay: view.getInt32(at + 8),
			startsDay: view.getInt32(at + 12),
			annualRent: view.getFloat64(at + 16),
			sizeSqm: view.getFloat64(at + 24),
			rooms: rooms < 0 ? null : rooms,
			ofProject: (flags & 1) !== 0,
			inProject: (flags & 2) !== 0,
		});
	}
	return [...rows.values()];
}

/** A contract with all that tells which others are comparable to it. */
export interface MarketRent extends Omit<RentRow, "ofProject" | "inProject"> {
	areaId: number;
	projectId: number | null;
	propertyType: string;
}

/** All new market contracts known from the day `from` on and before `before` (YYYY-MM-DD), ascending by when they were. */
export function marketRents(
	db: Database,
	{ from, before }: { from?: string; before?: string } = {},
): Promise<MarketRent[]> {
	const known = knownAt("");
	return db
		.select({
			id: rentals.id,
			knownDay: sql<number>`${known}::date - date '1970-01-01'`,
			startsDay: sql<number>`${rentals.startsOn} - date '1970-01-01'`,
			annualRent: sql<number>`${rentals.annualRent}::float8`,
			sizeSqm: sql<number>`${rentals.sizeSqm}::float8`,
			rooms: rentals.rooms,
			areaId: rentals.areaId,
			projectId: rentals.projectId,
			propertyType: rentals.propertyType,
		})
		.from(rentals)
		.where(
			and(
				rentals.market,
				eq(rentals.kind, "new"),
				from ? sql`${known} >= ${from}::timestamp` : undefined,
				before ? sql`${known} < ${before}::timestamp` : undefined,
			),
		)
		.orderBy(asc(known), asc(rentals.id));
}

/**
 * The day up to `day` (YYYY-MM-DD) on which the last new market contract became known; null before any. Some begin, and are
 * registered, in the future by a slip of the pen.
 */
export async function lastRentKnown(db: Database, day: string): Promise<string | null> {
	const [row] = await db
		.select({ day: sql<string | null>`to_char(max(${knownAt("")}), 'YYYY-MM-DD')` })
		.from(rentals)
		.where(and(rentals.market, eq(rentals.kind, "new"), sql`${knownAt("")} <= ${day}::date + 1`));
	return row?.day ?? null;
}
