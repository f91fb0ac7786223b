import type { SampleArea } from "./areas.ts";
import type { NameStyle } from "./names.ts";

/** What a kind of property looks like in the made-up market. Logarithms are natural. All figures are rounded inventions. */
export interface Kind {
	propertyType: "Unit" | "Building" | "Land";
	subType: string;
	nameStyle: NameStyle;
	/** Its share of all sales. */
	share: number;
	/** The share of its projects that are still being built. */
	offPlan: number;
	/** How much of it is sold in an area, against the other areas. */
	soldIn(area: SampleArea): number;
	/** AED per m2 of an average one. */
	price(area: SampleArea, offPlan: boolean): number;
	/** Sales of an average project, and the spread of that number (of its logarithm): most are thin, a few are vast. */
	salesPerProject: number;
	volumeSpread: number;
	/** The share of projects that have no name in the register. */
	unnamed: number;
	/** Spread of the projects' own price levels round their area's. */
	levelSpread: number;
	/** How the price per m2 changes with size inside a project, and how that differs between projects. */
	elasticity: number;
	elasticitySpread: number;
	/** The size, in m2, of which `rooms` gives the offsets. */
	referenceSize: number;
	/** How many different layouts its projects have: fewest, most. */
	layouts: readonly [fewest: number, most: number];
	/** Label, how frequent, ln(size / reference), spread of that. */
	rooms: readonly (readonly [label: string, weight: number, offset: number, spread: number])[];
	noise: UnitNoise;
}

/** What makes two units of one layout differ. None of it can be seen in the records. */
export interface UnitNoise {
	/** Spread between the stacks of a building: side, sun, neighbours. */
	layout: number;
	/** From the lowest floor to the highest. */
	floors: number;
	/** The share of units with a view, and the most that a view adds. */
	viewShare: number;
	view: number;
	/** Condition and haggling; and the share of sales, with their spread, that went quite differently. */
	unit: number;
	tailShare: number;
	tail: number;
	/** The largest step of a project's price list a month, up or down. */
	monthlyStep: number;
}
