import type { Random } from "../../src/lib/random.ts";
import { OTHER_NAMES, SAMPLE_AREAS, type SampleArea, SECOND_RENTAL_NAMES } from "./areas.ts";
import { exp, roundTo } from "./arithmetic.ts";
import { SPAN_DAYS } from "./calendar.ts";
import type { Kind } from "./kind.ts";
import { KINDS } from "./kinds.ts";
import { createNames, type Spelling } from "./names.ts";

/** Units that are alike: one stack of a building, one type of villa. */
export interface Layout {
	rooms: string;
	/** ln(size / the kind's reference size) of what is paid for: floor space, or a plot's area. */
	lnSize: number;
	/** The size, in m2, that the register shows: for some villas it is their plot's. */
	registeredSize: number;
	/** How much more a m2 costs than in the project's other layouts (logarithm). */
	premium: number;
	weight: number;
}

export interface Project {
	kind: Kind;
	area: SampleArea;
	rentalArea: string;
	/** Undefined where the register knows no project. */
	name: Spelling | undefined;
	offPlan: boolean;
	/** Expected number of sales; within its area and kind they add up to what is sold there. */
	volume: number;
	/** Own price level round the area's (logarithm), location and a new project's payment plan together. */
	level: number;
	elasticity: number;
	/** Change of its price list a month (logarithm). */
	drift: number;
	/** The day its sale began: before the sample's first day for most, long ago for what is built. */
	launch: number;
	layouts: readonly Layout[];
}

/** What an easier payment plan adds to a new project's prices (logarithm), and how frequent it is. */
const PAYMENT_PLANS = [
	[0, 50],
	[0.04, 30],
	[0.08, 15],
	[0.12, 5],
] as const;

/** Which size villas are registered with: `mixed` projects show now the house's, now the plot's. */
const VILLA_SIZES = [
	["house", 55],
	["plot", 25],
	["mixed", 20],
] as const;

/** Now and then a project, small in its area, is let under a wrong one: a link between areas that means nothing. */
const MISFILED_UP_TO = 0.05;

/** The whole made-up town: the same for sales and rental contracts of one seed. */
export function buildProjects(random: Random, salesInAll: number): Project[] {
	const newName = createNames(random);
	return KINDS.flatMap((kind) => {
		const whole = SAMPLE_AREAS.reduce((sum, area) => sum + kind.soldIn(area), 0);
		return SAMPLE_AREAS.flatMap((area) => {
			const expected = (kind.share * salesInAll * kind.soldIn(area)) / whole;
			if (expected < 0.3) return [];
			const count = Math.max(1, Math.round(expected / kind.salesPerProject));
			const projects = Array.from({ length: count }, () => buildProject(kind, area, random));
			const sum = projects.reduce((total, project) => total + project.volume, 0);
			for (const project of projects) {
				project.volume *= expected / sum;
				if (!random.chance(kind.unnamed)) project.name = newName(kind.nameStyle);
				if (project.volume < MISFILED_UP_TO * expected && random.chance(0.04)) {
					project.rentalArea = random.pick(SAMPLE_AREAS).rentalName;
				}
			}
			return projects;
		});
	});
}

/** How an area is written on one sale: its usual name, the other one, either with a stray space. */
export function writtenArea(area: SampleArea, random: Random): string {
	const [other, share] = OTHER_NAMES[area.name] ?? ["", 0];
	const name = random.chance(share) ? other : area.name;
	return random.chance(0.004) ? `${name} ` : name;
}

/** How a project is written in one record; empty where it has no name. */
export function writtenProject(project: Project, random: Random): string {
	const { name } = project;
	if (name === undefined) return "";
	return random.chance(name.twinShare) ? name.twin : name.usual;
}

function buildProject(kind: Kind, area: SampleArea, random: Random): Project {
	const offPlan = random.chance(kind.offPlan);
	const [otherRental, share] = SECOND_RENTAL_NAMES[area.name] ?? ["", 0];
	const launch = offPlan ? random.integer(-420, SPAN_DAYS - 20) : Number.NEGATIVE_INFINITY;
	return {
		kind,
		area,
		rentalArea: random.chance(share) ? otherRental : area.rentalName,
		name: undefined,
		offPlan,
		volume: exp(random.normal(0, kind.volumeSpread)) * (1 - Math.max(0, launch) / SPAN_DAYS),
		level: random.normal(0, kind.levelSpread) + (offPlan ? random.weighted(PAYMENT_PLANS) - 0.03 : 0),
		elasticity: random.normal(kind.elasticity, kind.elasticitySpread),
		drift: random.between(-kind.noise.monthlyStep, kind.noise.monthlyStep),
		launch,
		layouts: buildLayouts(kind, random),
	};
}

function buildLayouts(kind: Kind, random: Random): Layout[] {
	const villaSizes = kind.subType === "Villa" ? random.weighted(VILLA_SIZES) : "house";
	const tilt = random.normal(0, 0.8);
	const rooms = kind.rooms.map(
		([label, weight, offset, spread]) => [{ label, offset, spread }, weight * exp(-tilt * offset)] as const,
	);
	return Array.from({ length: random.integer(...kind.layouts) }, () => {
		const room = random.weighted(rooms);
		const lnSize = random.normal(room.offset, room.spread);
		const size = kind.referenceSize * exp(lnSize);
		const usesPlot = villaSizes === "plot" || (villaSizes === "mixed" && random.chance(0.5));
		return {
			rooms: room.label,
			lnSize,
			registeredSize: roundTo(usesPlot ? size * random.between(0.6, 1.7) : size, 0.01),
			premium: random.normal(0, kind.noise.layout),
			weight: random.between(0.3, 1),
		};
	});
}
