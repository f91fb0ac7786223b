import type { Interval } from "./bootstrap.ts";
import type { Report } from "./study.ts";
import type { FloorSummary, SegmentSummary } from "./summary.ts";

const UNKNOWN = "NA";
/** Before a floor's name, below the segment it is a floor of. */
const FLOOR_MARK = "- ";

/** What a column shows of a segment, and of a floor: these have no ranges and no intervals. */
interface Column {
	readonly title: string;
	of(row: SegmentSummary): string;
	ofFloor?(floor: FloorSummary): string;
}

const COLUMNS: readonly Column[] = [
	both("n", ({ n }) => n.toLocaleString("en")),
	both("MdAPE %", ({ mdape }) => percent(mdape, 2)),
	{ title: "95 %", of: ({ intervals }) => percents(intervals.mdape, 2) },
	both("PPE10 %", ({ ppe10 }) => percent(ppe10, 1)),
	{ title: "95 %", of: ({ intervals }) => percents(intervals.ppe10, 1) },
	both("PPE20 %", ({ ppe20 }) => percent(ppe20, 1)),
	both("ratio", ({ median_ratio }) => decimal(median_ratio, 3)),
	both("COD %", ({ cod }) => decimal(cod, 1)),
	both("PRD", ({ prd }) => decimal(prd, 3)),
	both("PRB", ({ prb }) => decimal(prb, 3)),
	both("valued %", ({ valued_share }) => percent(valued_share, 1)),
	{ title: "in range %", of: ({ coverage80 }) => percent(coverage80, 1) },
	{ title: "half range %", of: ({ half_width80 }) => percent(half_width80, 1) },
];

/** For the terminal: columns of one width. */
export function formatText(report: Report): string {
	return page(report, "", (rows) => {
		const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
		return rows.map((row) =>
			row
				.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
				.join("  ")
				.trimEnd(),
		);
	});
}

/** For the docs. */
export function formatMarkdown(report: Report): string {
	return page(report, "### ", ([head = [], ...rows]) => {
		const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
		return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)];
	});
}

function page(report: Report, heading: string, table: (rows: string[][]) => string[]): string {
	const { protocol } = report;
	const { tested, tested_unbounded } = protocol.sales;
	const period = `${protocol.test_from} to ${protocol.test_to}`;
	const floors = Object.entries(protocol.floors).map(([name, is]) => `${FLOOR_MARK}${name}: ${is}`);
	return [
		`${heading}Ratio study, ${period}: ${tested.toLocaleString("en")} sales`,
		"",
		...table(rowsOf(report.segments)),
		"",
		`${heading}Without bounds on price, size and rooms: ${tested_unbounded.toLocaleString("en")} sales`,
		"",
		...table(rowsOf(report.unbounded)),
		"",
		`${UNKNOWN}: fewer than ${protocol.minimum_n} sales. Data: ${protocol.data_credit}.`,
		...(floors.length === 0
			? []
			: ["Below each segment what simple rules reach on the same sales:", "", ...floors]),
		"",
	].join("\n");
}

/** Names first, the head as the first row. */
function rowsOf(segments: readonly SegmentSummary[]): string[][] {
	return [
		["segment", ...COLUMNS.map(({ title }) => title)],
		...segments.flatMap((one) => [
			[one.segment, ...COLUMNS.map((column) => column.of(one))],
			...Object.entries(one.floors).map(([name, floor]) => [
				`${FLOOR_MARK}${name}`,
				...COLUMNS.map((column) => column.ofFloor?.(floor) ?? ""),
			]),
		]),
	];
}

function both(title: string, of: (row: FloorSummary) => string): Column {
	return { title, of, ofFloor: of };
}

function percent(fraction: number | null, decimals: number): string {
	return decimal(fraction === null ? null : 100 * fraction, decimals);
}

function percents(fractions: Interval | null, decimals: number): string {
	return fractions === null ? UNKNOWN : fractions.map((one) => percent(one, decimals)).join(" to ");
}

function decimal(value: number | null, decimals: number): string {
	return value === null ? UNKNOWN : value.toFixed(decimals);
}

/** A bar would end the cell. */
function escaped(cell: string): string {
	return cell.replaceAll("|", "\\|");
}
