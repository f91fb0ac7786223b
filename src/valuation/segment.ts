/** Markets that move by themselves: prices, and how well they can be told, differ from one to the other. */
export const SEGMENTS = [
	"flat-ready",
	"flat-off-plan",
	"villa-ready",
	"villa-off-plan",
	"other-ready",
	"other-off-plan",
] as const;

export type Segment = (typeof SEGMENTS)[number];

export function segmentOf({ propertyType, ready }: { propertyType: string; ready: boolean }): Segment {
	const kind = propertyType === "Flat" ? "flat" : propertyType === "Villa" ? "villa" : "other";
	return `${kind}-${ready ? "ready" : "off-plan"}`;
}

/** Whether there are sales enough of the kind to learn from; all others are valued by their comparables alone. */
export function isLearned(propertyType: string): boolean {
	return propertyType === "Flat" || propertyType === "Villa";
}
