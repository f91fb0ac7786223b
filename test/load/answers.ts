import type { Ask, Echo } from "../../scripts/load/asks.ts";

export const FLAT: Echo = { property_type: "Flat", area: "Business Bay", size_sqm: 70 };

export function listAsk(): Ask {
	return { kind: "list", method: "GET", path: "/api/areas/buy", echoes: [] };
}

export function valuationAsk(kind: "valuation" | "variant" = "valuation"): Ask {
	return { kind, method: "POST", path: "/api/property/valuation", body: "{}", echoes: [FLAT] };
}

export function batchAsk(): Ask {
	return {
		kind: "batch",
		method: "POST",
		path: "/api/property/valuations",
		body: "{}",
		echoes: [FLAT, FLAT],
	};
}

export function valuationOf(echo: Echo) {
	return { valuation: { estimated_value: 1_000_000, subject: echo } };
}
