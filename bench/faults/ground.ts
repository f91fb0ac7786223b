import { Scope } from "../../src/cli/dev/scope.ts";
import { TerminalError } from "../../src/cli/terminal.ts";
import { type BenchRedis, startRedis } from "../measure/redis.ts";
import { Missing, type RunningServer, type ServerKind } from "../measure/server.ts";
import { spreadOf } from "../measure/spread.ts";
import type { Bench, Figure, Row } from "../scenario.ts";

/** The two that production may be set to. The figures for the goals are theirs. */
export const OURS = { tiers: "ours-tiers", redis: "ours-redis" } as const;

export function isOurs({ name }: ServerKind): boolean {
	return name === OURS.tiers || name === OURS.redis;
}

/** Where one kind of server meets its fault. */
export interface Ground {
	/** Ends with this measurement. */
	readonly scope: Scope;
	readonly redis: BenchRedis;
	/** One more process of the kind. */
	startServer(): Promise<RunningServer>;
}

/** Does something with a kind of server on a Redis of its own, which is gone afterwards, as are its processes. */
export async function onGround<T>(
	bench: Bench,
	kind: ServerKind,
	handlerMs: number,
	use: (ground: Ground) => Promise<T>,
): Promise<T> {
	const scope = new Scope();
	bench.scope.defer(() => scope.close());
	try {
		const redis = await startRedis(scope);
		const startServer = () => kind.start(scope, { redisPort: redis.port, handlerMs });
		return await bench.scope.race(use({ scope, redis, startServer }));
	} finally {
		await scope.close();
	}
}

/** A row for each kind; one that is not to be had, or does not start, says why and keeps nobody else from theirs. */
export async function rowsOf(
	bench: Bench,
	kinds: readonly ServerKind[],
	measure: (kind: ServerKind) => Promise<Row["figures"]>,
): Promise<Row[]> {
	const rows: Row[] = [];
	for (const kind of kinds) {
		bench.log(kind.name);
		try {
			rows.push({ name: kind.name, figures: await measure(kind) });
		} catch (error) {
			if (!(error instanceof Missing || error instanceof TerminalError)) throw error;
			rows.push({ name: kind.name, missing: error.message, figures: {} });
		}
	}
	return rows;
}

/** The median of what the repetitions gave, with the least and the most where there were several. */
export function figureOf(values: readonly number[], unit?: string): Figure {
	const { median, min, max } = spreadOf(values);
	return { value: median, ...(unit !== undefined && { unit }), ...(values.length > 1 && { min, max }) };
}

/**
 * The most that any repetition gave, as a promise is not kept in the median.
 *
 * @param figures name of a figure -> the row and the column that it is read from
 * @returns those whose rows have been measured, each with `less` taken off
 */
export function worst(
	rows: readonly Row[],
	figures: Readonly<Record<string, readonly [row: string, column: string]>>,
	less = 0,
): Record<string, number> {
	const found: Record<string, number> = {};
	for (const [name, [row, column]] of Object.entries(figures)) {
		const figure = rows.find((one) => one.name === row)?.figures[column];
		if (figure) found[name] = (figure.max ?? figure.value) - less;
	}
	return found;
}
