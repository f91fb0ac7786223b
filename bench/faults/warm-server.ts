import type { RunningServer } from "../measure/server.ts";
import type { Ground } from "./ground.ts";
import { warmUp } from "./load.ts";
import { keepsAnswers } from "./work.ts";

const READY_WITHIN_MS = 5_000;
const ASKED_BEFOREHAND = 2_000_000;

/** One that has found its Redis and has been asked for every key that the load will ask for again and again. */
export async function startWarmServer({ redis, startServer }: Ground): Promise<RunningServer> {
	const server = await startServer();
	await keepsAnswers(server.port, redis, ASKED_BEFOREHAND, READY_WITHIN_MS);
	await warmUp(server.port);
	return server;
}
