import { type DatabaseHandle, openDatabase } from "../../db/client.ts";
import { createRandom, type Random } from "../../src/lib/random.ts";
import { type Connection, openConnection } from "../measure/connection.ts";
import { startRedis } from "../measure/redis.ts";
import type { Bench, Figure, Scenario, ScenarioResult } from "../scenario.ts";
import { hitsPerSecond, originalsPerSecond } from "./capacity.ts";
import { marketDatabase } from "./database.ts";
import { medianOf, overRounds } from "./figures.ts";
import { type OriginalQueries, originalQueries } from "./original.ts";
import { type Question, questionsOf, type Route } from "./questions.ts";
import { startApi } from "./server.ts";
import { shuffled } from "./shuffled.ts";
import { askMiss, timeHits, timeOriginal } from "./ways.ts";

/** Times that each is asked in a round, and times that each is a hit. */
const EACH = 5;
const HITS_EACH = 60;
const BURST = { connections: 16, seconds: 1 };

export const routesScenario: Scenario = {
	part: "routes",
	title: "Answers against the queries of the original system",
	method:
		"The three routes of the real server, signed in, on the registered market. In each round, side by side and in an " +
		"order drawn anew: what the original system asked its database for the same thing, on one connection until all " +
		`rows are fetched; then a miss and ${HITS_EACH} hits on one connection. After that ${BURST.connections} ` +
		"connections at once. Ratios are taken within rounds.",

	async run(bench) {
		const market = await marketDatabase(bench);
		const { url } = await market.copy();
		const one = openDatabase({ url, max: 1, statementTimeoutMs: 0 });
		const many = openDatabase({ url, max: BURST.connections, statementTimeoutMs: 0 });
		const redis = await startRedis(bench.scope);
		const server = await startApi(bench.scope, "routes", {
			...market,
			databaseUrl: url,
			redisPort: redis.port,
		});
		const connection = openConnection(server.port);
		try {
			const routes = await questionsOf(bench, market, url, { rounds: bench.rounds + 1, each: EACH });
			return await measure(bench, routes, { one, many, connection, port: server.port });
		} finally {
			connection.close();
			await Promise.all([one.close(), many.close(), server.stop()]);
		}
	},
};

interface Sides {
	readonly one: DatabaseHandle;
	readonly many: DatabaseHandle;
	readonly connection: Connection;
	readonly port: number;
}

async function measure(bench: Bench, routes: readonly Route[], sides: Sides): Promise<ScenarioResult> {
	const random = createRandom(bench.seed);
	const [one, many] = [originalQueries(sides.one.sql), originalQueries(sides.many.sql)];
	const measured = new Map<string, Measured[]>(routes.map(({ name }) => [name, []]));
	for (let round = 0; round <= bench.rounds; round += 1) {
		bench.log(round === 0 ? "Warming up" : `Round ${round} of ${bench.rounds}`);
		for (const { name, rounds } of shuffled(routes, random)) {
			const questions = rounds[round] ?? [];
			const times = await sideBySide(questions, one, sides.connection, random);
			const hits = await hitsPerSecond(bench.load, sides.port, questions, BURST);
			const originals = await originalsPerSecond(many, questions, BURST);
			if (round > 0) measured.get(name)?.push({ ...times, hits, originals });
		}
	}
	const rows = [...measured].map(([name, of]) => ({ name, figures: columns(of) }));
	const figures = Object.fromEntries(
		rows.map(({ name, figures }) => [
			`hit against the original query, ${name}`,
			figures["original / hit"].value,
		]),
	);
	return { rows, figures };
}

/** What one round gave of one route: medians in milliseconds, and how many a second. */
interface Measured {
	readonly original: number;
	readonly miss: number;
	readonly hit: number;
	readonly originals: number;
	readonly hits: number;
}

async function sideBySide(
	questions: readonly Question[],
	queries: OriginalQueries,
	connection: Connection,
	random: Random,
): Promise<Pick<Measured, "original" | "miss" | "hit">> {
	const times = { original: [] as number[], miss: [] as number[], hit: [] as number[] };
	for (const question of questions) {
		const original = async () => void times.original.push(await timeOriginal(queries, question));
		const ours = async () => {
			const miss = await askMiss(connection, question);
			times.miss.push(miss.ms);
			times.hit.push(...(await timeHits(connection, question, miss, HITS_EACH)));
		};
		for (const way of shuffled([original, ours], random)) await way();
	}
	return { original: medianOf(times.original), miss: medianOf(times.miss), hit: medianOf(times.hit) };
}

function columns(rounds: readonly Measured[]) {
	const of = (figure: (one: Measured) => number, unit?: string): Figure =>
		overRounds(rounds.map(figure), unit);
	return {
		original: of((one) => one.original, "ms"),
		miss: of((one) => one.miss, "ms"),
		hit: of((one) => one.hit, "ms"),
		"original / miss": of((one) => one.original / one.miss, "x"),
		"original / hit": of((one) => one.original / one.hit, "x"),
		"originals/s": of((one) => one.originals),
		"hits/s": of((one) => one.hits),
		"hits/s / originals/s": of((one) => one.hits / one.originals, "x"),
	};
}
