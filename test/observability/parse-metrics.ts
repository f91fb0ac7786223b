/** Prometheus' text format, read line by line (prometheus.io, "Exposition formats"). */
export interface ParsedMetrics {
	/** By name and labels, as they are written. */
	readonly series: ReadonlyMap<string, number>;
	readonly types: ReadonlyMap<string, string>;
	readonly helps: ReadonlyMap<string, string>;
}

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/;

/** @throws {Error} on a line that is none of the format, and on a series that is there twice. */
export function parseMetrics(text: string): ParsedMetrics {
	const parsed = { series: new Map<string, number>(), types: new Map(), helps: new Map() };
	for (const line of text.split("\n")) {
		const comment = COMMENT.exec(line);
		if (comment) {
			const [, kind, name, rest] = comment;
			(kind === "TYPE" ? parsed.types : parsed.helps).set(name, rest);
		} else if (line !== "") {
			const [, name, value] = SAMPLE.exec(line) ?? [];
			if (name === undefined) throw new Error(`no line of metrics: ${line}`);
			if (parsed.series.has(name)) throw new Error(`twice in the metrics: ${name}`);
			parsed.series.set(name, Number(value));
		}
	}
	return parsed;
}

/** The first series of that name, whatever its labels; undefined when there is none. */
export function firstValue({ series }: ParsedMetrics, name: string): number | undefined {
	for (const [id, value] of series) if (id === name || id.startsWith(`${name}{`)) return value;
	return undefined;
}
