import { weightedQuantile } from "../lib/weighted.ts";
import { adjusted, type Rates } from "./adjust.ts";
import type { Indication, Indications } from "./indicate.ts";
import { fitLine } from "./line.ts";
import type { Sale, Valued } from "./sale.ts";

/** What a difference from the indicated value is put down to. */
export const FEATURE_GROUPS = [
	"property",
	"same_layout",
	"project",
	"area",
	"movement",
	"price_level",
] as const;
export type FeatureGroup = (typeof FEATURE_GROUPS)[number];

/** Differences in ln size within which two sales are of one layout; how many of them are looked at. */
const SAME_LAYOUT = { within: 0.007, most: 8 };
/** Days that are set against each other to see a movement, and the sales each side needs. */
const MOVEMENT = { project: { now: 14, before: 60, sales: 3 }, area: { now: 21, before: 120, sales: 6 } };
const LINE = {
	project: { size: 0.25, halfLife: 45, status: 1 },
	area: { size: 0.15, halfLife: 60, status: 0.2 },
};

/**
 * What the learned layer sees of one valuation. Levels are ln(AED/m2) less the indicated one, so that it learns by how much
 * to depart from the comparables, whatever the price; NaN stands for what is not known.
 */
export function describeFeatures(
	subject: Valued,
	{ project, area, best }: Indications,
	rates: Rates,
): { names: string[]; groups: FeatureGroup[]; row: Float64Array } {
	const list = new FeatureList(best?.level ?? Number.NaN);
	list.add("property", "log_size", subject.logSize);
	list.add("property", "rooms", subject.rooms ?? Number.NaN);
	list.add("property", "villa", subject.propertyType === "Villa" ? 1 : 0);
	list.add("property", "ready", subject.ready ? 1 : 0);
	addProject(list, subject, project, rates);
	addArea(list, subject, area);
	list.add("price_level", "indicated", best?.level ?? Number.NaN);
	return list.done();
}

class FeatureList {
	private readonly names: string[] = [];
	private readonly groups: FeatureGroup[] = [];
	private readonly values: number[] = [];

	constructor(private readonly indicated: number) {}

	add(group: FeatureGroup, name: string, value: number): void {
		this.names.push(name);
		this.groups.push(group);
		this.values.push(value);
	}

	addLevel(group: FeatureGroup, name: string, level: number): void {
		this.add(group, name, level - this.indicated);
	}

	done() {
		return { names: this.names, groups: this.groups, row: Float64Array.from(this.values) };
	}
}

function addProject(list: FeatureList, subject: Valued, kernels: readonly Indication[], rates: Rates): void {
	addKernels(list, "project", kernels);
	const about = kernels[5] as Indication;
	const { sales } = about;
	list.add("project", "project_spread", spread(about));
	list.add(
		"project",
		"project_age",
		meanOf(about, (sale) => subject.day - sale.day),
	);
	list.add(
		"property",
		"project_size_gap",
		meanOf(about, (sale) => subject.logSize - sale.logSize),
	);
	const line = fitLine(subject, sales, lineWeights(subject, sales, LINE.project));
	list.addLevel("project", "project_line", line.level);
	list.add("property", "project_slope", line.slope);

	const alike = sales.filter((sale) => sale.ready === subject.ready && sale.rooms === subject.rooms);
	const layout = alike
		.filter((sale) => Math.abs(sale.logSize - subject.logSize) < SAME_LAYOUT.within)
		.slice(0, SAME_LAYOUT.most);
	const levels = layout.map((sale) => adjusted(sale, subject, rates));
	const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
	const variance = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length;
	list.addLevel("same_layout", "layout_last", levels[0] ?? Number.NaN);
	list.add("same_layout", "layout_age", layout[0] ? subject.day - layout[0].day : Number.NaN);
	list.addLevel("same_layout", "layout_before", levels[1] ?? Number.NaN);
	list.addLevel("same_layout", "layout_mean", mean);
	list.add("same_layout", "layout_spread", levels.length > 1 ? Math.sqrt(variance) : Number.NaN);
	list.add("project", "project_count", Math.log1p(sales.length));
	list.addLevel("project", "project_last", alike[0] ? adjusted(alike[0], subject, rates) : Number.NaN);
	list.add("movement", "project_movement", movement(subject, alike, MOVEMENT.project));
}

function addArea(list: FeatureList, subject: Valued, kernels: readonly Indication[]): void {
	addKernels(list, "area", kernels);
	const about = kernels[2] as Indication;
	const { sales } = about;
	list.add("area", "area_spread", spread(about));
	list.addLevel("area", "area_low", quantile(about, 0.2));
	list.addLevel("area", "area_high", quantile(about, 0.8));
	const alike = sales.filter((sale) => sale.ready === subject.ready);
	list.add("movement", "area_movement", movement(subject, alike, MOVEMENT.area));
	list.add("area", "area_count", Math.log1p(sales.length));
	list.add("area", "area_projects", new Set(sales.map((sale) => sale.projectId)).size / sales.length);
	list.add("area", "area_off_plan", sales.filter((sale) => !sale.ready).length / sales.length);
	const line = fitLine(subject, sales, lineWeights(subject, sales, LINE.area));
	list.addLevel("area", "area_line", line.level);
}

function addKernels(list: FeatureList, group: "project" | "area", kernels: readonly Indication[]): void {
	for (const [index, { level, effective }] of kernels.entries()) {
		list.addLevel(group, `${group}_level_${index}`, level);
		list.add(group, `${group}_evidence_${index}`, Math.log1p(effective));
	}
}

function quantile(indication: Indication, q: number): number {
	return Number.isNaN(indication.level) ? Number.NaN : weightedQuantile(indication, q);
}

/** Between which levels the middle 60 % of the weight lies. */
export function spread(indication: Indication): number {
	return quantile(indication, 0.8) - quantile(indication, 0.2);
}

function meanOf({ sales, weights, total, level }: Indication, of: (sale: Sale) => number): number {
	if (Number.isNaN(level)) return Number.NaN;
	let sum = 0;
	for (let index = 0; index < sales.length; index += 1) {
		sum += (weights[index] as number) * of(sales[index] as Sale);
	}
	return sum / total;
}

function lineWeights(
	subject: Valued,
	sales: readonly Sale[],
	by: { size: number; halfLife: number; status: number },
) {
	const weights = new Float64Array(sales.length);
	for (let index = 0; index < sales.length; index += 1) {
		const sale = sales[index] as Sale;
		const gap = (sale.logSize - subject.logSize) / by.size;
		const weight = 0.5 ** ((subject.day - sale.day) / by.halfLife) / (1 + gap * gap) ** 2;
		weights[index] = sale.ready === subject.ready ? weight : weight * by.status;
	}
	return weights;
}

/** How far the mean level of the last days lies above that of the days before them. */
function movement(
	subject: Valued,
	sales: readonly Sale[],
	{ now, before, sales: needed }: typeof MOVEMENT.project,
) {
	const mean = (from: number, to: number) => {
		const levels = sales
			.filter((sale) => within(subject.day - sale.day, from, to))
			.map((sale) => sale.logPerSqm);
		return levels.length < needed
			? Number.NaN
			: levels.reduce((sum, level) => sum + level, 0) / levels.length;
	};
	return mean(0, now) - mean(now, before);
}

function within(age: number, above: number, upTo: number): boolean {
	return age > above && age <= upTo;
}
