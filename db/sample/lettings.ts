import { type Random, weightedPicker } from "../../src/lib/random.ts";
import { RENTAL_ONLY_AREAS, SAMPLE_AREAS } from "./areas.ts";
import { exp, roundTo } from "./arithmetic.ts";
import { type Project, writtenProject } from "./projects.ts";
import { COMMERCIAL_LETTINGS, type CommercialLetting } from "./rent-kinds.ts";

/** One contract's property and what it costs; no dates yet. */
export interface Letting {
	area: string;
	/** As written in the record; empty where the contract names none. */
	project: string;
	freehold: boolean;
	propertyType: string;
	subType: string;
	usage: string;
	rooms: string;
	renewed: boolean;
	/** m2. */
	size: number;
	/** AED a year. */
	rent: number;
}

/** An area where homes are let: its buildings' level, and its finished projects that contracts name. */
interface Quarter {
	name: string;
	rent: number;
	freehold: boolean;
	flats: readonly Project[];
	villas: readonly Project[];
}

const VILLA_SHARE = 0.062;
const STUDIO_SHARE = 0.0075;
/** Smaller homes cost more a m2. */
const RENT_ELASTICITY = -0.35;
const REFERENCE_SIZE = 75;

/** @returns a function that draws one contract after the other. */
export function createLettings(projects: readonly Project[], random: Random): () => Letting {
	const all = quarters(projects);
	const pickQuarter = weightedPicker(all);
	const pickVillaQuarter = weightedPicker(
		all.map(([quarter, homes]) => [quarter, homes * (quarter.villas.length > 0 ? 3 : 0.25)]),
	);
	const commercialShare = COMMERCIAL_LETTINGS.reduce((sum, letting) => sum + letting.share, 0);
	const pickCommercial = weightedPicker(COMMERCIAL_LETTINGS.map((letting) => [letting, letting.share]));

	return () => {
		const quarter = pickQuarter(random.next());
		const kind = random.next();
		if (kind < commercialShare) return letCommercial(quarter, pickCommercial(random.next()), random);
		if (kind < commercialShare + VILLA_SHARE) {
			return letVilla(pickVillaQuarter(random.next()), random);
		}
		return letFlat(quarter, kind > 1 - STUDIO_SHARE, random);
	};
}

function quarters(projects: readonly Project[]): (readonly [Quarter, number])[] {
	const finished = projects.filter((project) => !project.offPlan && project.name !== undefined);
	const communities = SAMPLE_AREAS.map((area) => {
		const here = finished.filter((project) => project.area === area);
		const flats = here.filter((project) => project.kind.subType === "Flat");
		const villas = here.filter((project) => project.kind.subType === "Villa");
		const { rentalName: name, rent } = area;
		return [{ name, rent, freehold: true, flats, villas }, area.let] as const;
	});
	const old = RENTAL_ONLY_AREAS.map(
		([name, rent, homes]) => [{ name, rent, freehold: false, flats: [], villas: [] }, homes] as const,
	);
	return [...communities, ...old];
}

function letFlat(quarter: Quarter, isStudio: boolean, random: Random): Letting {
	const project = quarter.flats.length > 0 && random.chance(0.52) ? random.pick(quarter.flats) : undefined;
	const layout = project ? random.pick(project.layouts) : undefined;
	const size = isStudio
		? 37 * exp(random.normal(0, 0.35))
		: (layout?.registeredSize ?? 80 * exp(random.normal(0, 0.42)));
	const lnSize = layout && !isStudio ? layout.lnSize : sizeOffset(size);
	const level = project ? 0.6 * project.level : random.normal(0, 0.15);
	const base = home(quarter, project, 0.6, random);
	return {
		...base,
		propertyType: "Unit",
		subType: isStudio ? "Studio " : "Flat",
		rooms: "",
		size: roundTo(size, 0.01),
		rent: homeRent(quarter.rent * exp(level + RENT_ELASTICITY * lnSize) * size, base.renewed, random),
	};
}

function letVilla(quarter: Quarter, random: Random): Letting {
	const project = quarter.villas.length > 0 && random.chance(0.75) ? random.pick(quarter.villas) : undefined;
	const layout = project ? random.pick(project.layouts) : undefined;
	const size = layout?.registeredSize ?? 250 * exp(random.normal(0, 0.5));
	const base = home(quarter, project, 0.54, random);
	const rooms = layout ? layout.rooms.replace(" B/R", "") : random.weighted(VILLA_ROOMS);
	return {
		...base,
		propertyType: "Villa",
		subType: "Villa",
		rooms: random.chance(0.67) ? rooms : "",
		size: roundTo(size, 0.01),
		rent: homeRent(0.82 * quarter.rent * exp(random.normal(0, 0.15)) * size, base.renewed, random),
	};
}

const VILLA_ROOMS = [
	["3", 55],
	["4", 30],
	["2", 8],
	["5", 7],
] as const;

function home(quarter: Quarter, project: Project | undefined, renewed: number, random: Random) {
	return {
		area: project?.rentalArea ?? quarter.name,
		project: project ? writtenProject(project, random) : "",
		freehold: quarter.freehold && (project !== undefined || random.chance(0.75)),
		usage: "Residential",
		renewed: random.chance(renewed),
	};
}

/** New contracts are at the market; renewals follow it late and by a capped step. */
function homeRent(market: number, renewed: boolean, random: Random): number {
	const late = renewed ? Math.max(-0.02, random.normal(0.13, 0.1)) : 0;
	const noise = random.normal(0, random.chance(0.15) ? 0.3 : 0.11);
	const rent = market * exp(noise - late);
	const step = random.weighted(
		renewed
			? [
					[1000, 25],
					[500, 15],
					[5, 45],
					[0.01, 15],
				]
			: [
					[5000, 40],
					[1000, 45],
					[1, 15],
				],
	);
	return Math.max(step, roundTo(rent, step));
}

function letCommercial(quarter: Quarter, kind: CommercialLetting, random: Random): Letting {
	const size = roundTo(Math.max(2, kind.size * exp(random.normal(0, kind.sizeSpread))), 0.01);
	const perSqm = kind.perSqm * (0.5 + quarter.rent / 1800) * exp(random.normal(0, kind.rentSpread));
	return {
		area: quarter.name,
		project: "",
		freehold: quarter.freehold && random.chance(0.6),
		propertyType: kind.propertyType,
		subType: kind.subType,
		usage: kind.usage,
		rooms: "",
		renewed: random.chance(kind.renewed),
		size,
		rent: Math.max(1000, roundTo(perSqm * size, random.chance(0.6) ? 1000 : 0.01)),
	};
}

/** ln(size / reference) near enough, by its Padé approximant: Math.log is not the same to the last bit everywhere. */
function sizeOffset(size: number): number {
	const ratio = size / REFERENCE_SIZE;
	return (3 * (ratio * ratio - 1)) / (ratio * ratio + 4 * ratio + 1);
}
