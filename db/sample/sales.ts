import { createRandom, type Random, weightedPicker } from "../../src/lib/random.ts";
import { twoDecimals } from "./arithmetic.ts";
import { createCalendar, officeSecond, type SampleCalendar, SPAN_DAYS } from "./calendar.ts";
import { LAND_SUB_TYPES } from "./kinds.ts";
import { drawUnit, priceOf } from "./prices.ts";
import { buildProjects, type Layout, type Project, writtenArea, writtenProject } from "./projects.ts";
import { PROCEDURE_CODES, procedureOf, type SaleFigures, soil } from "./sale-noise.ts";

export interface SampleOptions {
	seed: number;
	/** The last day of the seven months, YYYY-MM-DD, in Dubai. */
	endDay: string;
}

export const SALES_IN_ALL = 25_000;
/** Written in every record's MASTER_PROJECT_EN, which the official files leave blank almost everywhere. */
export const SAMPLE_MARK = "SAMPLE";
/** Official numbers of a year stay far under this. */
export const FIRST_SAMPLE_SERIAL = 9_000_001;
const PROJECT_STREAM = 1;
const SALES_STREAM = 2;
/** A launch this long before the sample still makes its first weeks the busiest. */
const RUSH_DAYS = 250;

interface Sale extends SaleFigures {
	day: number;
	second: number;
	project: Project;
	rooms: string;
}

/** The town that sales and rental contracts of one seed share. */
export function sampleProjects(seed: number): Project[] {
	return buildProjects(createRandom(seed, PROJECT_STREAM), SALES_IN_ALL);
}

/**
 * Made-up sales in the columns of the Department's website, oldest first: about 25,000 over seven months, the same for
 * the same options on every machine. Throws on an `endDay` that is not a date.
 */
export function* sampleSales(options: SampleOptions): Generator<Record<string, string>> {
	const calendar = createCalendar(options.endDay);
	const random = createRandom(options.seed, SALES_STREAM);
	const sales = drawSales(sampleProjects(options.seed), calendar, random);
	sales.sort((a, b) => a.day - b.day || a.second - b.second);
	for (const [index, sale] of sales.entries()) yield toRecord(sale, index, calendar, random);
}

function drawSales(projects: readonly Project[], calendar: SampleCalendar, random: Random): Sale[] {
	const pickProject = weightedPicker(projects.map((project) => [project, project.volume]));
	const pickLayout = new Map(
		projects.map((project) => [
			project,
			weightedPicker(project.layouts.map((layout) => [layout, layout.weight])),
		]),
	);
	const sales: Sale[] = [];
	while (sales.length < SALES_IN_ALL) {
		const project = pickProject(random.next());
		const layout = pickLayout.get(project)?.(random.next());
		if (layout === undefined) continue;
		const day = saleDay(project, calendar, random);
		const second = officeSecond(random);
		if (random.chance(0.003)) sales.push(...bulkDeal(project, layout, day, second, random));
		else sales.push(sellOne(project, layout, day, second, 0, random));
	}
	return sales.slice(0, SALES_IN_ALL);
}

/** One buyer takes several units alike, some minutes apart, at one discount. */
function bulkDeal(project: Project, layout: Layout, day: number, second: number, random: Random): Sale[] {
	const discount = random.between(0.06, 0.22);
	const last = 24 * 3600 - 1;
	return Array.from({ length: random.integer(4, 16) }, (_, unit) =>
		sellOne(project, layout, day, Math.min(last, second + unit * random.integer(20, 90)), discount, random),
	);
}

function sellOne(
	project: Project,
	layout: Layout,
	day: number,
	second: number,
	discount: number,
	random: Random,
): Sale {
	const { kind, offPlan } = project;
	const unit = drawUnit(project, layout, random);
	unit.premium -= discount;
	const isHome = kind.subType === "Flat" || kind.subType === "Villa";
	const figures: SaleFigures = {
		procedure: procedureOf(offPlan, kind.propertyType === "Land", random),
		price: priceOf(project, unit, day, random),
		size: unit.size,
		procedureSize: unit.size,
	};
	return { ...soil(figures, isHome && !offPlan, isHome, random), day, second, project, rooms: layout.rooms };
}

/** New projects sell fastest after their launch; the rest sells all the time. */
function saleDay(project: Project, calendar: SampleCalendar, random: Random): number {
	const first = Math.max(0, project.launch);
	for (;;) {
		const draw = random.next();
		const early = project.launch > -RUSH_DAYS && random.chance(0.75) ? draw * draw : draw;
		const day = first + Math.floor(early * (SPAN_DAYS - first));
		if (calendar.opensOn(day, random)) return day;
	}
}

function toRecord(sale: Sale, index: number, calendar: SampleCalendar, random: Random) {
	const { project, day } = sale;
	const { kind, area } = project;
	const subType = kind.propertyType === "Land" ? random.weighted(LAND_SUB_TYPES) : kind.subType;
	const code = PROCEDURE_CODES[sale.procedure] ?? 0;
	return {
		TRANSACTION_NUMBER: `${code}-${FIRST_SAMPLE_SERIAL + index}-${calendar.year(day)}`,
		INSTANCE_DATE: calendar.instant(day, sale.second),
		GROUP_EN: "Sales",
		PROCEDURE_EN: sale.procedure,
		IS_OFFPLAN_EN: project.offPlan ? "Off-Plan" : "Ready",
		IS_FREE_HOLD_EN: area.name === "Mirdif" || random.chance(0.027) ? "Non Free Hold" : "Free Hold",
		USAGE_EN: subType === "Commercial" || subType === "Industrial" ? "Commercial" : "Residential",
		AREA_EN: writtenArea(area, random),
		PROP_TYPE_EN: kind.propertyType,
		PROP_SB_TYPE_EN: subType,
		TRANS_VALUE: twoDecimals(sale.price),
		PROCEDURE_AREA: twoDecimals(sale.procedureSize),
		ACTUAL_AREA: twoDecimals(sale.size),
		ROOMS_EN: sale.rooms,
		PARKING: "",
		NEAREST_METRO_EN: "",
		NEAREST_MALL_EN: "",
		NEAREST_LANDMARK_EN: "",
		TOTAL_BUYER: "",
		TOTAL_SELLER: "",
		MASTER_PROJECT_EN: SAMPLE_MARK,
		PROJECT_EN: writtenProject(project, random),
	};
}
