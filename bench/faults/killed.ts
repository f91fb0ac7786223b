import type { ServerKind } from "../measure/server.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { type Ground, OURS, onGround, rowsOf, worst } from "./ground.ts";
import { LOAD, startLoad } from "./load.ts";
import { waitsOf } from "./waits.ts";
import { startWarmServer } from "./warm-server.ts";
import { keepsAnswers } from "./work.ts";

const HANDLER_MS = 20;
const BEFORE_MS = 1_000;
const AWAY_MS = 2_000;
/** How long it is asked after Redis has come back. */
const AFTER_MS = 2_000;
/** For the answers that are missing then. */
const PATIENCE_MS = 5_000;
const RESUMES_WITHIN_MS = 30_000;
/** Ids that the load does not ask for, new while Redis is back. */
const ASKED_AFTERWARDS = 3_000_000;

/** What callers of a server feel of a Redis that is killed and comes back empty. */
export function killedScenario(kinds: readonly ServerKind[]): Scenario {
	return {
		part: "killed",
		title: "Redis killed",
		method:
			`One process on one Redis, ${LOAD}; the handler takes ${HANDLER_MS} ms. After ${BEFORE_MS / 1_000} s Redis is ` +
			`killed (SIGKILL), and ${AWAY_MS / 1_000} s later an empty one starts on its port; callers go on for ` +
			`${AFTER_MS / 1_000} s and then wait up to ${PATIENCE_MS / 1_000} s. Hits resume when, after Redis' first PONG, a new ` +
			"key's second answer comes without its handler while Redis holds something again; after " +
			`${RESUMES_WITHIN_MS / 1_000} s nobody waits for that any more. The last column is how long the process that asks ` +
			"was held up itself; it is in the waits.",
		async run(bench) {
			const rows = await rowsOf(bench, kinds, (kind) => measure(bench, kind));
			const figures = worst(rows, {
				"killed: errors": [OURS.tiers, "errors"],
				"killed: hits resume after": [OURS.tiers, "hits resume after"],
			});
			return { rows, figures };
		},
	};
}

function measure(bench: Bench, kind: ServerKind): Promise<Row["figures"]> {
	return onGround(bench, kind, HANDLER_MS, async (ground: Ground) => {
		const { scope, redis } = ground;
		const server = await startWarmServer(ground);
		const load = await startLoad(scope, server.port);
		await Bun.sleep(BEFORE_MS);
		await redis.kill();
		await Bun.sleep(AWAY_MS);
		await redis.start();
		const backAt = performance.now();
		const resumed = keepsAnswers(server.port, redis, ASKED_AFTERWARDS, RESUMES_WITHIN_MS).then((isSo) =>
			isSo ? performance.now() - backAt : RESUMES_WITHIN_MS,
		);
		await Bun.sleep(AFTER_MS);
		const { longest, p50, p99, errors } = waitsOf(await load.stop(PATIENCE_MS));
		return {
			errors: { value: errors },
			"longest answer": { value: longest, unit: "ms" },
			p50: { value: p50, unit: "ms" },
			p99: { value: p99, unit: "ms" },
			"hits resume after": { value: await resumed, unit: "ms" },
			"own longest stall": { value: load.stalls.longestSince(0), unit: "ms" },
		};
	});
}
