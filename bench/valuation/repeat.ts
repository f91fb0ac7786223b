import type { DatabaseHandle } from "../../db/client.ts";

/**
 * Makes every sale be there `times` times: new ids and numbers, all else as it was. Leaves the database as an import
 * does, vacuumed and with the months' figures brought up to date.
 */
export async function repeatSales({ sql }: DatabaseHandle, times: number): Promise<void> {
	// Whatever the table's columns are: but for the number, which tells the copies apart, each is taken over.
	const columns = await sql<{ name: string }[]>`
		select column_name as name from information_schema.columns
		where table_name = 'sales' and is_generated = 'NEVER' and is_identity = 'NO' and column_name <> 'number'`;
	const names = columns.map(({ name }) => `"${name}"`).join(", ");
	// The sample is repeated twice, a different number of times: hence both in the number.
	// Copy by copy and each in the order of its ids, as if the same months had been registered again and again.
	await sql.unsafe(`
		insert into sales (number, ${names})
		select number || '-' || copy || 'of${times}', ${names} from generate_series(2, ${times}) as copy cross join sales
		order by copy, id`);
	await sql`vacuum (analyze) sales`;
	await sql`refresh materialized view market_months`;
	await sql`analyze market_months`;
	// Otherwise written to disk while somebody is being measured.
	await sql`checkpoint`;
}

export async function countSales({ sql }: DatabaseHandle): Promise<number> {
	const [row] = await sql<{ count: number }[]>`select count(*)::int as count from sales`;
	return row?.count ?? 0;
}
