/** Which side of the market a list is about: `buy` and `trends` are made of sales, `rent` of rental contracts. */
export const SEARCH_TYPES = ["buy", "rent", "trends"] as const;
export type SearchType = (typeof SEARCH_TYPES)[number];
export type MarketSide = "sales" | "rentals";

export function marketSide(searchType: SearchType): MarketSide {
	return searchType === "rent" ? "rentals" : "sales";
}
