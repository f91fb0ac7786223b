import { afterAll, beforeAll, beforeEach } from "bun:test";
import { type ImportSummary, importFile } from "../../db/import/index.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { csv, Fixtures } from "./fixtures.ts";

/** A database that is empty before each test, a folder for files, and short ways to load and look. */
export interface Market {
	readonly database: TestDatabase;
	readonly fixtures: Fixtures;
	/** Imports made-up rows as one plain CSV file. */
	load(rows: readonly Record<string, string>[]): Promise<ImportSummary>;
	sales(): Promise<SaleSeen[]>;
	rentals(): Promise<RentalSeen[]>;
}

export interface SaleSeen {
	group: string;
	number: string;
	occurrence: number;
	registered: string;
	procedure: string;
	area: string;
	project: string | null;
	class: string;
	type: string;
	status: string;
	freehold: boolean | null;
	price: number | null;
	size: number | null;
	rooms: number | null;
	label: string | null;
	reason: string | null;
	source: string;
}

export interface RentalSeen {
	occurrence: number;
	registered: string | null;
	starts: string;
	ends: string;
	kind: string;
	area: string;
	project: string | null;
	class: string;
	type: string;
	freehold: boolean | null;
	rent: number | null;
	size: number | null;
	rooms: number | null;
	units: number | null;
	reason: string | null;
	source: string;
}

export function useMarket(): Market {
	let database: TestDatabase | undefined;
	const fixtures = new Fixtures();
	const opened = () => {
		if (!database) throw new Error("The database is there only while tests run.");
		return database;
	};
	beforeAll(async () => {
		database = await createTestDatabase();
	});
	beforeEach(async () => {
		await opened().sql`truncate import_runs, areas restart identity cascade`;
	});
	afterAll(async () => {
		await fixtures.remove();
		await database?.drop();
	});
	return {
		get database() {
			return opened();
		},
		fixtures,
		load: async (rows) => importFile(opened(), await fixtures.file(csv(rows))),
		sales: async () => [
			...(await opened().sql<SaleSeen[]>`select s."group", s.number, s.occurrence,
				to_char(s.registered_at, 'YYYY-MM-DD HH24:MI:SS') as registered, s.procedure, a.name as area, p.name as project,
				s.property_class as class, s.property_type as type, s.development_status as status, s.freehold,
				s.price::float8 as price, s.size_sqm::float8 as size, s.rooms, s.rooms_label as label,
				s.non_market_reason as reason, s.source
				from sales s join areas a on a.id = s.area_id left join projects p on p.id = s.project_id
				order by s."group", s.number, s.occurrence`),
		],
		rentals: async () => [
			...(await opened().sql<RentalSeen[]>`select r.occurrence,
				to_char(r.registered_at, 'YYYY-MM-DD HH24:MI:SS') as registered, r.starts_on::text as starts,
				r.ends_on::text as ends, r.kind, a.name as area, p.name as project, r.property_class as class,
				r.property_type as type, r.freehold, r.annual_rent::float8 as rent, r.size_sqm::float8 as size, r.rooms,
				r.units, r.non_market_reason as reason, r.source
				from rentals r join areas a on a.id = r.area_id left join projects p on p.id = r.project_id
				order by r.registered_at, r.starts_on, r.annual_rent, r.occurrence`),
		],
	};
}
