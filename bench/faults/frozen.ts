import { usageOf } from "../measure/processes.ts";
import type { ServerKind } from "../measure/server.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { countCommands, countWhenQuiet } from "./commands.ts";
import { figureOf, type Ground, isOurs, OURS, onGround, rowsOf, worst } from "./ground.ts";
import { LOAD, startLoad } from "./load.ts";
import { type Waits, waitsBetween } from "./waits.ts";
import { startWarmServer } from "./warm-server.ts";

const HANDLER_MS = 20;
/** Of ours, whose worst one counts; others are frozen once. */
const REPETITIONS = 3;
const BEFORE_MS = 1_000;
const SENDING_MS = 3_800;
/** Between the last request and the thaw: ten times what its handler takes. */
const PATIENCE_MS = 200;
const QUIET_WITHIN_MS = 3_000;
const MB = 1024 * 1024;

interface Seen extends Waits {
	readonly grownMb: number;
	readonly commandsLeft: number;
	readonly ownStallMs: number;
}

/** What callers of a server feel of a Redis that stands still, and what that Redis has to do for nobody afterwards. */
export function frozenScenario(kinds: readonly ServerKind[]): Scenario {
	return {
		part: "frozen",
		title: "Redis frozen",
		method:
			`One process on one Redis, ${LOAD}; the handler takes ${HANDLER_MS} ms. After ${BEFORE_MS / 1_000} s Redis is ` +
			`stopped (SIGSTOP) for ${(SENDING_MS + PATIENCE_MS) / 1_000} s. Waits are of those who asked or waited then, from ` +
			"the time when they were due; just before the thaw (SIGCONT) callers hang up, who still wait as errors. The " +
			"memory is what the server grew by while Redis was frozen. Commands left queued are what Redis executes after " +
			`the thaw, when nobody asks anything. ${REPETITIONS} times for ours, once for others. The last column is how ` +
			"long the process that asks was held up itself; it is in the waits.",
		async run(bench) {
			const rows = await rowsOf(bench, kinds, (kind) => measure(bench, kind));
			const beyond = worst(
				rows,
				{
					"frozen: longest answer beyond the handler's time": [OURS.tiers, "longest answer"],
					"frozen, Redis only: longest answer beyond the handler's time": [OURS.redis, "longest answer"],
				},
				HANDLER_MS,
			);
			return { rows, figures: beyond };
		},
	};
}

async function measure(bench: Bench, kind: ServerKind): Promise<Row["figures"]> {
	const seen: Seen[] = [];
	while (seen.length < (isOurs(kind) ? REPETITIONS : 1)) {
		seen.push(await onGround(bench, kind, HANDLER_MS, freeze));
	}
	const figure = (read: (one: Seen) => number, unit?: string) => figureOf(seen.map(read), unit);
	return {
		"longest answer": figure(({ longest }) => longest, "ms"),
		p50: figure(({ p50 }) => p50, "ms"),
		p99: figure(({ p99 }) => p99, "ms"),
		errors: figure(({ errors }) => errors),
		"memory growth": figure(({ grownMb }) => grownMb, "MB"),
		"commands left queued": figure(({ commandsLeft }) => commandsLeft),
		"own longest stall": figure(({ ownStallMs }) => ownStallMs, "ms"),
	};
}

async function freeze(ground: Ground): Promise<Seen> {
	const { scope, redis } = ground;
	const server = await startWarmServer(ground);
	const count = countCommands(redis);
	const load = await startLoad(scope, server.port);
	await Bun.sleep(BEFORE_MS);
	const { residentBytes } = usageOf(server.pid);
	const executed = await count();
	const frozenAt = performance.now();
	redis.freeze();
	await Bun.sleep(SENDING_MS);
	const calls = await load.stop(PATIENCE_MS);
	const grownMb = (usageOf(server.pid).residentBytes - residentBytes) / MB;
	redis.thaw();
	return {
		...waitsBetween(calls, frozenAt, performance.now()),
		grownMb,
		commandsLeft: (await countWhenQuiet(count, QUIET_WITHIN_MS)) - executed,
		ownStallMs: load.stalls.longestSince(frozenAt),
	};
}
