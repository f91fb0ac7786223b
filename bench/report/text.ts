import { type Spread, spreadOf } from "../measure/spread.ts";
import type { ScenarioResult } from "../scenario.ts";
import type { Throughput } from "../throughput.ts";
import { seriesOf, type Verdict } from "../verdict.ts";

/** Tables as Markdown, for the terminal and for pages alike. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = columns.map((column, index) =>
		Math.max(column.length, ...rows.map((row) => (row[index] ?? "").length)),
	);
	const line = (cells: readonly string[]) =>
		`| ${widths.map((width, index) => (cells[index] ?? "").padEnd(width)).join(" | ")} |`;
	return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The verdicts: what was wanted, what was seen, over the rounds from least to most. */
export function goalTable(verdicts: readonly Verdict[]): string {
	return table(
		["what", "goal", "median", "min to max", "met"],
		verdicts.map(({ goal, value, spread, met, missing }) => [
			goal.name,
			`${goal.relation} ${inUnit(goal.goal, goal.unit)}${goal.stretch === undefined ? "" : `, stretch ${inUnit(goal.stretch, goal.unit)}`}`,
			value === null ? `missing: ${missing}` : inUnit(value, goal.unit),
			spread ? `${inUnit(spread.min, goal.unit)} to ${inUnit(spread.max, goal.unit)}` : "",
			value === null ? "" : met ? "yes" : "no",
		]),
	);
}

/** What each case did, medians over the rounds. Absolute figures are this machine's, and of the moment. */
export function caseTable(throughput: Throughput): string {
	const { measured, missing } = throughput;
	const rows = [...measured.keys()].map((name) => {
		const rounds = [...(measured.get(name)?.values() ?? [])];
		const redis = rounds.map(({ redisCpuUs }) => redisCpuUs).filter((value) => value !== undefined);
		return [
			name,
			spreadText(spreadOf([...seriesOf(throughput, name, "cpu").values()]), 1),
			redis.length > 0 ? spreadOf(redis).median.toFixed(1) : "",
			spreadText(spreadOf([...seriesOf(throughput, name, "rate").values()]), 0),
			spreadOf(rounds.map(({ p50Ms }) => p50Ms)).median.toFixed(2),
			spreadOf(rounds.map(({ p99Ms }) => p99Ms)).median.toFixed(2),
			spreadOf(rounds.map(({ bytesPerAnswer }) => bytesPerAnswer)).median.toFixed(0),
		];
	});
	const lacking = [...missing].map(([name, why]) => [name, `missing: ${why}`]);
	return table(
		["case", "CPU us/request", "of Redis", "requests/s", "p50 ms", "p99 ms", "bytes/answer"],
		[...rows, ...lacking],
	);
}

export function scenarioTable({ rows }: ScenarioResult): string {
	const columns = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
	return table(
		["", ...columns],
		rows.map(({ name, figures, missing }) => [
			name,
			...(missing === undefined
				? columns.map((column) => figureText(figures[column]))
				: [`missing: ${missing}`]),
		]),
	);
}

function figureText(figure: ScenarioResult["rows"][number]["figures"][string] | undefined): string {
	if (!figure) return "";
	const { value, unit = "", min, max } = figure;
	const range =
		min !== undefined && max !== undefined && min !== max ? ` (${round(min)} to ${round(max)})` : "";
	return `${round(value)}${unit && ` ${unit}`}${range}`;
}

export function spreadText({ median, min, max }: Spread, digits: number): string {
	return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}

function inUnit(value: number, unit: Verdict["goal"]["unit"]): string {
	return unit === "x" ? `${round(value)}x` : `${round(value)}${unit && ` ${unit}`}`;
}

/** Three digits that mean something. */
function round(value: number): string {
	if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
	return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
