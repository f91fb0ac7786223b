/** What the person at the terminal needs to make the first request. */
export interface Greeting {
	origin: string;
	token: string;
	email: string;
	/** What the data are and where they lie, a line each. */
	about: readonly string[];
	seconds: number;
}

const REQUEST = { property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: "1" };

export function greeting({ origin, token, email, about, seconds }: Greeting): string {
	return [
		"",
		`Retyn AVM answers on ${origin} (after ${seconds.toFixed(1)} s). Ctrl-C stops it.`,
		"",
		...about,
		"  Official files of the Dubai Land Department, .csv or .csv.gz: bun run import FILE...",
		"  (without Bun: npm run import -- FILE...)",
		"",
		`Bearer token of ${email}:`,
		token,
		"",
		"A valuation to paste:",
		`curl -s ${origin}/api/property/valuation \\`,
		`  -H 'Authorization: Bearer ${token}' \\`,
		`  -H 'Content-Type: application/json' -d '${JSON.stringify(REQUEST)}'`,
		"",
	].join("\n");
}
