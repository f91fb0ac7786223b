import type { Random } from "../../src/lib/random.ts";
import { exp, roundTo } from "./arithmetic.ts";
import type { Layout, Project } from "./projects.ts";

/** The whole market's change in each 30 days, oldest first (logarithm): it rises, levels off and softens. */
const MARKET_MONTHS = [0.008, 0.008, 0.005, 0, -0.004, -0.008, -0.008, -0.008];

/** ln of the market's level on a day of the sample, against its first day. */
export function marketAt(day: number): number {
	let level = 0;
	for (const [month, change] of MARKET_MONTHS.entries()) {
		level += change * Math.min(1, Math.max(0, day / 30 - month));
	}
	return level;
}

/** One unit of a project. */
interface Unit {
	layout: Layout;
	/** m2 as registered, two decimals. */
	size: number;
	/** What it is worth beyond its layout and its day (logarithm): floor, view, condition, haggling. */
	premium: number;
}

export function drawUnit(project: Project, layout: Layout, random: Random): Unit {
	const { noise } = project.kind;
	const floor = random.between(-0.5, 0.5) * noise.floors;
	const view = random.chance(noise.viewShare) ? random.between(0, noise.view) : 0;
	const luck = random.normal(0, random.chance(noise.tailShare) ? noise.tail : noise.unit);
	const isStandard = random.chance(project.offPlan ? 0.8 : 0.6);
	const wobble = isStandard ? 0 : random.normal(0, 0.015);
	return {
		layout,
		size: roundTo(layout.registeredSize * exp(wobble), 0.01),
		premium: floor + view + luck + wobble,
	};
}

/** What the unit costs on that day, in whole and fractional AED as such prices are written. */
export function priceOf(project: Project, unit: Unit, day: number, random: Random): number {
	const { kind, area, offPlan } = project;
	const perSqm =
		kind.price(area, offPlan) *
		exp(
			project.level +
				project.elasticity * unit.layout.lnSize +
				unit.layout.premium +
				unit.premium +
				marketAt(day) +
				(project.drift * day) / 30,
		);
	return asWritten(perSqm * kind.referenceSize * exp(unit.layout.lnSize), offPlan, random);
}

/** Buyers of ready homes agree on round sums; developers' price lists are less round. */
function asWritten(price: number, offPlan: boolean, random: Random): number {
	const step = offPlan
		? random.weighted([
				[5000, 18],
				[1000, 20],
				[1, 51],
				[0.01, 11],
			])
		: random.weighted([
				[5000, 76],
				[1000, 4],
				[1, 16],
				[0.01, 4],
			]);
	return Math.max(step, roundTo(price, step));
}
