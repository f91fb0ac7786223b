export interface FileCoverage {
	/** Path from the project's root. */
	file: string;
	covered: number;
	/** Lines that can run. */
	lines: number;
}

/**
 * Line coverage of each file in an lcov tracefile (geninfo(1): `SF:` file, `DA:` line and count). A file or line that is
 * there several times is covered if it was once.
 */
export function readLcov(text: string): FileCoverage[] {
	const files = new Map<string, Map<string, number>>();
	let counts = new Map<string, number>();
	for (const line of text.split("\n")) {
		if (line.startsWith("SF:")) {
			const file = line.slice(3).trim();
			counts = files.get(file) ?? new Map();
			files.set(file, counts);
		} else if (line.startsWith("DA:")) {
			const [number = "", count = "0"] = line.slice(3).split(",");
			counts.set(number, Math.max(counts.get(number) ?? 0, Number(count)));
		}
	}
	return [...files].map(([file, lines]) => ({
		file,
		covered: [...lines.values()].filter((count) => count > 0).length,
		lines: lines.size,
	}));
}

/** Imports, and what is only handed on. */
const NO_CODE =
	/^(?:(?:import|export) (?:\{[^}]*\}|\*[^;]*?|[\w$, ]+) from "[^"]*"|import "[^"]*"|export \{\});$/gm;

/** Lines of a TypeScript source that are code: 0 for a file of types, which no test can load, or of re-exports. */
export function linesOfCode(source: string): number {
	const code = new Bun.Transpiler({ loader: "ts" }).transformSync(source).replaceAll(NO_CODE, "");
	return code.split("\n").filter((line) => line.trim() !== "").length;
}

export function percent(files: readonly FileCoverage[]): number {
	const sum = (of: (file: FileCoverage) => number) => files.reduce((total, file) => total + of(file), 0);
	const lines = sum((file) => file.lines);
	return lines === 0 ? 0 : (100 * sum((file) => file.covered)) / lines;
}
