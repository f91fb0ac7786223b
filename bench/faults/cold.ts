import { Missing, type ServerKind } from "../measure/server.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { type Callers, openCallers } from "./callers.ts";
import { figureOf, type Ground, OURS, onGround, rowsOf, worst } from "./ground.ts";
import type { Call } from "./open-loop.ts";
import { type Waits, waitsOf } from "./waits.ts";
import { isWorkOf, keepsAnswers, runsIn, workRequest } from "./work.ts";

const PROCESSES = 2;
const CALLERS_EACH = 200;
const HANDLER_MS = 200;
/** The first, of processes that have just started, has a column of its own; the next only warm them up. */
const WARM_UP = 4;
const REPETITIONS = 5;
/** Whoever has no answer by then has none. */
const PATIENCE_MS = 10_000;
const READY_WITHIN_MS = 5_000;
/** Ids of keys with which the processes are made ready; those that are measured come before them. */
const READY_IDS = 1_000;

interface Burst extends Waits {
	readonly runs: number;
}

/** What 400 simultaneous requests for a key that nobody has make a server do. */
export function coldScenario(kinds: readonly ServerKind[]): Scenario {
	return {
		part: "cold",
		title: "A cold key",
		method:
			`${PROCESSES} processes on one Redis, each asked by ${CALLERS_EACH} callers at once for one key that neither ` +
			`has; the handler takes ${HANDLER_MS} ms. ${REPETITIONS} times with a new key each, after one time with processes ` +
			`that have just started and ${WARM_UP} that do not count, as what is compiled while running is slow before. ` +
			"Handler runs are those of both processes together; errors are answers that were not the right ones, in all.",
		async run(bench) {
			const rows = await rowsOf(bench, kinds, (kind) => measure(bench, kind));
			return { rows, figures: worst(rows, { "cold: handler runs": [OURS.tiers, "handler runs"] }) };
		},
	};
}

function measure(bench: Bench, kind: ServerKind): Promise<Row["figures"]> {
	return onGround(bench, kind, HANDLER_MS, async (ground) => {
		const ports = await startReady(ground);
		const bursts: Burst[] = [];
		while (bursts.length < 1 + WARM_UP + REPETITIONS) bursts.push(await burst(ports, bursts.length + 1));
		const counted = bursts.slice(-REPETITIONS);
		return {
			"handler runs": figureOf(counted.map(({ runs }) => runs)),
			"longest answer": figureOf(
				counted.map(({ longest }) => longest),
				"ms",
			),
			errors: { value: bursts.reduce((sum, { errors }) => sum + errors, 0) },
			"handler runs, just started": figureOf(bursts.slice(0, 1).map(({ runs }) => runs)),
		};
	});
}

/** Processes that have found their Redis: what comes before that says nothing about a cold key. */
async function startReady({ redis, startServer }: Ground): Promise<number[]> {
	const ports: number[] = [];
	for (let number = 1; number <= PROCESSES; number += 1) {
		const { port } = await startServer();
		await keepsAnswers(port, redis, number * READY_IDS, READY_WITHIN_MS);
		ports.push(port);
	}
	return ports;
}

async function burst(ports: readonly number[], id: number): Promise<Burst> {
	const before = await totalRuns(ports);
	const waits = await askAtOnce(ports, id);
	return { ...waits, runs: (await totalRuns(ports)) - before };
}

async function totalRuns(ports: readonly number[]): Promise<number> {
	const runs = await Promise.all(ports.map(runsIn)).catch(() => {
		throw new Missing("It did not say any more how often its handlers had run");
	});
	return runs.reduce((sum, one) => sum + one, 0);
}

async function askAtOnce(ports: readonly number[], id: number): Promise<Waits> {
	const groups = ports.map((port) => openCallers({ port, most: CALLERS_EACH }));
	try {
		// Who cannot connect now finds out by asking.
		await Promise.all(groups.map((callers) => callers.connect(CALLERS_EACH))).catch(() => {});
		const dueAt = performance.now();
		const everybody = groups.flatMap((callers) => Array.from({ length: CALLERS_EACH }, () => callers));
		return waitsOf(await Promise.all(everybody.map((callers) => askFor(id, callers, dueAt))));
	} finally {
		for (const callers of groups) callers.hangUp();
	}
}

async function askFor(id: number, callers: Callers, dueAt: number): Promise<Call> {
	const right = callers.ask(workRequest(id)).then(
		(answer) => isWorkOf(id, answer),
		() => false,
	);
	const isRight = await Promise.race([right, Bun.sleep(PATIENCE_MS).then(() => false)]);
	return { dueAt, endedAt: performance.now(), failed: !isRight };
}
