import { printable } from "./units.ts";

export interface Column {
	readonly name: string;
	/** Figures stand at the right. @default left */
	readonly align?: "left" | "right";
}

/** Rows under their columns, two spaces apart; no spaces at the ends of lines. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
	const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(printable))];
	const widths = columns.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
	const cells = (line: readonly string[]) =>
		columns.map(({ align }, place) => {
			const [text = "", width = 0] = [line[place], widths[place]];
			return align === "right" ? text.padStart(width) : text.padEnd(width);
		});
	return lines.map((line) => cells(line).join("  ").trimEnd()).join("\n");
}

export function left(name: string): Column {
	return { name };
}

export function right(name: string): Column {
	return { name, align: "right" };
}

/** One fact a line, the names in a column; whoever has nothing to say is left out. */
export function facts(known: readonly (readonly [name: string, value: string | undefined])[]): string {
	const said = known.filter((fact): fact is [string, string] => fact[1] !== undefined);
	const width = Math.max(0, ...said.map(([name]) => name.length));
	return said.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join("\n");
}
