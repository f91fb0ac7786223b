import type { Scope } from "../../src/cli/dev/scope.ts";
import { createRandom } from "../../src/lib/random.ts";
import { percentile } from "../faults/waits.ts";
import { startApi } from "../market/server.ts";
import { shuffled } from "../market/shuffled.ts";
import type { Subject } from "../market/subjects.ts";
import { type Connection, openConnection } from "../measure/connection.ts";
import { usageOf } from "../measure/processes.ts";
import type { RunningServer } from "../measure/server.ts";
import { type Asked, askSingly, askTogether } from "./ask.ts";
import type { Markets } from "./market.ts";

/** Properties that are asked for in one round: one by one, and in one list. */
const SINGLY = 300;
const TOGETHER = 1_000;
/** Rounds before the first, which count for nothing: only after about a thousand values is all code compiled that is used. */
const WARM_UP = { singly: 4, together: 1 };

/** How many callers and different properties that many rounds take. */
export function needs(rounds: number): { callers: number; subjects: number } {
	const lists = WARM_UP.together + rounds;
	return { callers: lists, subjects: (WARM_UP.singly + rounds) * SINGLY + lists * TOGETHER };
}

/** Of those that were asked of one market one by one, milliseconds. */
export interface Times {
	readonly p50: number;
	readonly p95: number;
	/** Processor time for one property. */
	readonly serverCpu: number;
	readonly postgresCpu: number;
}

export interface Round {
	readonly plain: Times;
	readonly grown: Times;
	/** All properties of a list, milliseconds. */
	readonly lists: { readonly plain: number; readonly grown: number };
	/** Properties that either market has no value for; their times do not count. */
	readonly refused: number;
}

/** The server over one of the markets. */
interface Side {
	readonly name: "plain" | "grown";
	readonly server: RunningServer;
	readonly connection: Connection;
}

/**
 * The product's server over either market, without any store: each answer is worked out. In each round other properties
 * are asked for, the same of both. First all that are asked for one by one: what a list leaves behind for the garbage
 * collector is felt by whoever comes next, and so is a server that was asked a moment ago; hence no shorter turns either.
 */
export async function measureRounds(
	scope: Scope,
	markets: Markets,
	subjects: readonly Subject[],
	{ rounds, log }: { rounds: number; log(line: string): void },
): Promise<Round[]> {
	const { jwtSecret, postgresPid, tokens } = markets;
	const sides: Side[] = [];
	for (const name of ["plain", "grown"] as const) {
		const server = await startApi(scope, name, { jwtSecret, databaseUrl: markets[name].url });
		sides.push({ name, server, connection: openConnection(server.port) });
	}
	const random = createRandom(1);
	const inTurn = () => shuffled(sides, random);
	const left = subjects.values();
	const singly: Omit<Round, "lists">[] = [];
	for (let round = 1 - WARM_UP.singly; round <= rounds; round += 1) {
		log(round < 1 ? "Warming up" : `One by one, round ${round} of ${rounds}`);
		const some = [...left.take(SINGLY)];
		const one = await scope.race(askSideBySide(inTurn(), some, { token: tokens[0] ?? "", postgresPid }));
		if (round >= 1) singly.push(one);
	}
	const lists: Round["lists"][] = [];
	for (let round = 1 - WARM_UP.together; round <= rounds; round += 1) {
		log(round < 1 ? "Warming up" : `Lists, round ${round} of ${rounds}`);
		const some = [...left.take(TOGETHER)];
		// Somebody else asks in each round, as lists are limited for each caller.
		const token = tokens[round - 1 + WARM_UP.together] ?? "";
		const took = { plain: 0, grown: 0 };
		for (const { name, server } of inTurn()) {
			took[name] = await scope.race(askTogether(server.port, some, token));
		}
		if (round >= 1) lists.push(took);
	}
	for (const { connection, server } of sides) {
		connection.close();
		await server.stop();
	}
	return singly.map((one, index) => ({ ...one, lists: lists[index] ?? { plain: 0, grown: 0 } }));
}

/** All of one side, then all of the other. */
async function askSideBySide(
	sides: readonly Side[],
	subjects: readonly Subject[],
	{ token, postgresPid }: { token: string; postgresPid: number },
): Promise<Omit<Round, "lists">> {
	const asked: Record<Side["name"], Asked[]> = { plain: [], grown: [] };
	const cpu: Record<Side["name"], number[]> = { plain: [], grown: [] };
	for (const { name, server, connection } of sides) {
		const cpuMs = () => [server.pid, postgresPid].map((pid) => usageOf(pid).cpuS * 1_000);
		const before = cpuMs();
		asked[name] = await askSingly(connection, subjects, token);
		cpu[name] = cpuMs().map((after, index) => (after - (before[index] ?? 0)) / subjects.length);
	}
	const both = subjects.map((_, index) =>
		[asked.plain, asked.grown].every((answers) => answers[index]?.valued === true),
	);
	const timesOf = (name: Side["name"]): Times => {
		const valued = asked[name].filter((_, index) => both[index]).map(({ ms }) => ms);
		const sorted = valued.sort((left, right) => left - right);
		const [serverCpu = 0, postgresCpu = 0] = cpu[name];
		return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), serverCpu, postgresCpu };
	};
	return {
		plain: timesOf("plain"),
		grown: timesOf("grown"),
		refused: both.filter((valued) => !valued).length,
	};
}
