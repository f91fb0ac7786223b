import type { Connection } from "./connection.ts";
import { ImportError } from "./errors.ts";
import type { Source } from "./summary.ts";

/**
 * Real and made-up rows never mix: official rows drive the sample out, the sample is refused where official rows are.
 * Answers what was removed, if anything.
 *
 * @throws {ImportError} when sample rows are to be added to official ones
 */
export async function keepApart(
	sql: Connection,
	source: Source,
): Promise<{ sales: number; rentals: number } | undefined> {
	const [found] = await sql<{ sample: boolean; official: boolean }[]>`select
		exists (select from sales where source = 'sample') or exists (select from rentals where source = 'sample') as sample,
		exists (select from sales where source <> 'sample') or exists (select from rentals where source <> 'sample') as official`;
	if (source === "sample") {
		if (found?.official) {
			throw new ImportError("The database holds official rows, with which the made-up sample is not mixed.");
		}
		return undefined;
	}
	return found?.sample ? await removeSample(sql) : undefined;
}

async function removeSample(sql: Connection): Promise<{ sales: number; rentals: number }> {
	const sales = await sql`delete from sales where source = 'sample'`;
	const rentals = await sql`delete from rentals where source = 'sample'`;
	await sql`delete from area_links where source = 'derived'`;
	await sql`delete from projects`;
	await sql`delete from areas a
		where not exists (select from area_links l where a.id in (l.sales_area_id, l.rental_area_id))`;
	// What was learned from made-up prices must not value a real home.
	await sql`delete from valuation_models`;
	await sql`select pg_notify('retyn_model', '')`;
	return { sales: sales.count, rentals: rentals.count };
}
