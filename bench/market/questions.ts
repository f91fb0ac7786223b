import { openConnection } from "../measure/connection.ts";
import type { BenchRequest } from "../measure/request.ts";
import type { Bench } from "../scenario.ts";
import type { MarketDatabase } from "./database.ts";
import type { OriginalQueries } from "./original.ts";
import { startApi } from "./server.ts";
import { asking, type Subject, soldSubjects, valuationRequest } from "./subjects.ts";
import { valued } from "./valued.ts";

/** One thing to ask: the original system's database, and our server. */
export interface Question {
	/** How many rows there were, once all of them are here. */
	original(queries: OriginalQueries): Promise<number>;
	readonly request: BenchRequest;
	/** The request that makes our server work it out anew; for what was never asked before, the request itself. */
	readonly renewing: BenchRequest;
}

/** What is asked in each round; for valuations something that was never asked before. */
export interface Route {
	readonly name: string;
	readonly rounds: readonly (readonly Question[])[];
}

/** @param count how many rounds there are, and how many questions to each of them */
export async function questionsOf(
	bench: Bench,
	market: MarketDatabase,
	databaseUrl: string,
	{ rounds: count, each }: { rounds: number; each: number },
): Promise<Route[]> {
	const rounds = Array.from({ length: count }, (_, round) => round);
	const subjects = await valuedSubjects(bench, market, databaseUrl, count * each);
	const lists = (path: string, original: Question["original"]) =>
		rounds.map(() => Array<Question>(each).fill(listQuestion(path, original, market)));
	const valuations = rounds.map((round) =>
		subjects
			.slice(round * each, (round + 1) * each)
			.map((subject) => valuationQuestion(subject, market.token)),
	);
	return [
		{ name: "areas", rounds: lists("/api/areas/buy", (queries) => queries.areas()) },
		{ name: "types", rounds: lists("/api/property-types/rent", (queries) => queries.types()) },
		{ name: "valuation", rounds: valuations },
	];
}

/** A list of names. Administrators may insist on a new one, which is how it becomes a miss again. */
function listQuestion(path: string, original: Question["original"], tokens: MarketDatabase): Question {
	return {
		original,
		request: { path, headers: asking(tokens.token) },
		renewing: { path, headers: { ...asking(tokens.adminToken), "Cache-Control": "no-cache" } },
	};
}

function valuationQuestion(subject: Subject, token: string): Question {
	const request = valuationRequest(subject, token);
	return { original: (queries) => queries.valuation(subject), request, renewing: request };
}

/** Found out with a server that keeps nothing, so that the one that is measured has never seen them. */
async function valuedSubjects({ scope, seed }: Bench, market: MarketDatabase, url: string, count: number) {
	const { jwtSecret, token } = market;
	const server = await startApi(scope, "without a cache", { jwtSecret, databaseUrl: url });
	const connection = openConnection(server.port);
	try {
		return (await valued([connection], await soldSubjects(url, seed), token, count)).subjects;
	} finally {
		connection.close();
		await server.stop();
	}
}
