import { asking } from "../market/subjects.ts";
import type { BenchRequest } from "../measure/request.ts";

/** What is a hit from the second time on. */
export function hitRequests(token: string): { name: string; request: BenchRequest }[] {
	const headers = asking(token);
	return [
		{ name: "a list of areas", request: { path: "/api/areas/buy", headers } },
		{
			name: "a valuation",
			request: {
				method: "POST",
				path: "/api/property/valuation",
				headers: { ...headers, "Content-Type": "application/json" },
				body: JSON.stringify({ property_type: "Flat", area: "Business Bay", size_sqm: 70, bedrooms: 1 }),
			},
		},
	];
}
