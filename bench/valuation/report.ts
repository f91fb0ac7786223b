import { cpus, release } from "node:os";
import type { Goal } from "../goals.ts";
import { overRounds } from "../market/figures.ts";
import { spreadOf } from "../measure/spread.ts";
import { goalTable, scenarioTable, table } from "../report/text.ts";
import type { Row, ScenarioResult } from "../scenario.ts";
import type { Verdict } from "../verdict.ts";
import { GROWN_TIMES, type Markets } from "./market.ts";
import type { Pieces } from "./pieces.ts";
import type { Round } from "./rounds.ts";

/** Each with what one round says of it. */
const GOALS: readonly (Pick<Goal, "name" | "goal" | "unit"> & { of(round: Round): number })[] = [
	{ name: "one valuation, p50", goal: 5, unit: "ms", of: ({ plain }) => plain.p50 },
	{ name: "one valuation, p95", goal: 15, unit: "ms", of: ({ plain }) => plain.p95 },
	{ name: "a list of 1,000", goal: 2_000, unit: "ms", of: ({ lists }) => lists.plain },
	{
		name: `one valuation, p50, ${GROWN_TIMES} times the sales / as they are`,
		goal: 1.5,
		unit: "x",
		of: ({ plain, grown }) => grown.p50 / plain.p50,
	},
];

export interface Measured {
	readonly markets: Pick<Markets, "data" | "plain" | "grown">;
	readonly rounds: readonly Round[];
	readonly pieces: Pieces;
}

export function textReport(measured: Measured): string {
	const { markets, rounds, pieces } = measured;
	const refused = rounds.reduce((sum, round) => sum + round.refused, 0);
	const { median: whole } = spreadOf(rounds.map(({ plain }) => plain.p50));
	const { request, reads, work } = pieces;
	const rest = whole - request - reads - work;
	return [
		`On ${markets.data}. Medians of ${rounds.length} rounds, least to greatest. ${refused} properties had no value.`,
		scenarioTable(result(measured)),
		"Where the time of one valuation goes, roughly:",
		table(
			["", "ms"],
			[
				["HTTP, who is asking, reading the request", request.toFixed(2)],
				["reading the database", reads.toFixed(2)],
				["working out the value and its answer", work.toFixed(2)],
				["not told apart", rest.toFixed(2)],
				["all of it, p50", whole.toFixed(2)],
			],
		),
		goalTable(verdicts(rounds)),
	].join("\n\n");
}

/** Everything that was seen, as one plain object. */
export function jsonReport(measured: Measured): object {
	const { markets, rounds, pieces } = measured;
	const [first, ...others] = cpus();
	return {
		run: {
			date: new Date().toISOString(),
			machine: `${others.length + 1} x ${first?.model.trim() ?? "unknown processor"}, Linux ${release()}`,
			bun: Bun.version,
			data: markets.data,
			rounds: rounds.length,
		},
		goals: verdicts(rounds).map(({ goal, value, spread, met }) => ({
			name: goal.name,
			value,
			goal: goal.goal,
			relation: goal.relation,
			unit: goal.unit,
			met,
			min: spread?.min,
			max: spread?.max,
		})),
		cases: result(measured).rows,
		pieces,
	};
}

function verdicts(rounds: readonly Round[]): Verdict[] {
	return GOALS.map(({ name, goal, unit, of }) => {
		const spread = spreadOf(rounds.map(of));
		const about: Goal = { name, part: "valuation", relation: "<=", goal, unit, from: { figure: name } };
		return { goal: about, value: spread.median, spread, met: spread.median <= goal };
	});
}

function result({ markets, rounds }: Measured): ScenarioResult {
	const rows = (["plain", "grown"] as const).map((which): Row => {
		const over = (pick: (round: Round) => number) => overRounds(rounds.map(pick), "ms");
		return {
			name: which === "plain" ? "as they are" : `${GROWN_TIMES} times the sales`,
			figures: {
				sales: { value: markets[which].sales },
				"one, p50": over((round) => round[which].p50),
				"one, p95": over((round) => round[which].p95),
				"server's CPU": over((round) => round[which].serverCpu),
				"PostgreSQL's CPU": over((round) => round[which].postgresCpu),
				"list of 1,000": over(({ lists }) => lists[which]),
			},
		};
	});
	return { rows, figures: {} };
}
