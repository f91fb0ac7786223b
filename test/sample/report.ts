/**
 * Prints how hard the sample is to value: `bun test/sample/report.ts`. With a sales file in the website's columns as
 * argument it prints that file's figures in the same way.
 */
import { basename } from "node:path";
import { readCsv } from "../../db/import/csv.ts";
import { sampleSales } from "../../db/sample/sales.ts";
import { SAMPLE_SEED } from "../../db/sample.ts";
import { type Difficulty, END_DAYS, measureDifficulty, SEGMENTS, type Segment } from "./holdout.ts";

async function recordsOf(path: string): Promise<Record<string, string>[]> {
	const records: Record<string, string>[] = [];
	let header: string[] | undefined;
	for await (const { record } of readCsv(path, basename(path))) {
		if (header === undefined) header = record;
		else records.push(Object.fromEntries(header.map((column, at) => [column, record[at] ?? ""])));
	}
	return records;
}

function print(title: string, measured: readonly Record<Segment, Difficulty>[]): void {
	const line = (segment: Segment) => {
		const mean = (figure: keyof Difficulty) =>
			measured.reduce((sum, one) => sum + one[segment][figure], 0) / measured.length;
		const figures = [
			mean("count").toFixed(0),
			mean("mdape").toFixed(2),
			mean("ppe10").toFixed(1),
			mean("inProject").toFixed(1),
		];
		return [segment.padEnd(16), ...figures.map((figure) => figure.padStart(10))].join("");
	};
	const columns = ["valued", "MdAPE %", "PPE10 %", "project %"].map((column) => column.padStart(10)).join("");
	process.stdout.write(`${title}\n${" ".repeat(16)}${columns}\n${SEGMENTS.map(line).join("\n")}\n`);
}

const [path] = process.argv.slice(2);
if (path !== undefined) print(basename(path), [measureDifficulty(await recordsOf(path))]);
else {
	const measured = END_DAYS.map((endDay) => measureDifficulty(sampleSales({ seed: SAMPLE_SEED, endDay })));
	print(`SAMPLE, seed ${SAMPLE_SEED}, mean of ${END_DAYS.length} last days`, measured);
}
