import { describe, expect, test } from "bun:test";
import { linesOfCode, percent, readLcov } from "../../scripts/lcov.ts";

describe("coverage", () => {
	test("counts the lines of each file and those that ran", () => {
		const text =
			"TN:\nSF:src/a.ts\nFNF:1\nDA:1,3\nDA:2,0\nDA:10,1\nLF:3\nLH:2\nend_of_record\nSF:src/b.ts\nDA:4,0\n";
		expect(readLcov(text)).toEqual([
			{ file: "src/a.ts", covered: 2, lines: 3 },
			{ file: "src/b.ts", covered: 0, lines: 1 },
		]);
	});

	test("takes a line for covered when it is there several times and ran once", () => {
		const text = "SF:src/a.ts\nDA:1,0\nDA:2,0\nend_of_record\nSF:src/a.ts\nDA:1,2\nDA:2,0\nend_of_record\n";
		expect(readLcov(text)).toEqual([{ file: "src/a.ts", covered: 1, lines: 2 }]);
	});

	test("weighs files by their lines", () => {
		const files = [
			{ file: "large", covered: 90, lines: 90 },
			{ file: "small", covered: 0, lines: 10 },
		];
		expect(percent(files)).toBe(90);
	});

	test("of nothing is none", () => {
		expect(percent(readLcov(""))).toBe(0);
	});

	test("asks for no test of a file that holds types or re-exports only", () => {
		const types =
			'import type { A } from "./a.ts";\n/** One. */\nexport interface B {\n\ta: A;\n}\nexport type C = B;\n';
		expect(linesOfCode(types)).toBe(0);
		expect(
			linesOfCode(
				'export { a } from "./a.ts";\nexport {\n\tb,\n\tc as d,\n} from "./b.ts";\nexport * from "./c.ts";',
			),
		).toBe(0);
		expect(linesOfCode(`${types}export const d = 1;\n`)).toBe(1);
	});
});
