/** What every object in an answer carries while the market is made up. */
export interface Label {
	readonly data?: "SAMPLE";
}

export const LABEL_HEADER = "X-Retyn-Data";

export function marketLabel(market: { sample: boolean } | undefined): Label {
	return market?.sample ? { data: "SAMPLE" } : {};
}

/** For answers that are stored, so that they are known for what they are even where the market is not. */
export function labelHeaders({ data }: Label): Record<string, string> {
	return data ? { [LABEL_HEADER]: data } : {};
}
