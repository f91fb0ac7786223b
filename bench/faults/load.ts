import type { Scope } from "../../src/cli/dev/scope.ts";
import { openCallers } from "./callers.ts";
import { type Call, openLoop } from "./open-loop.ts";
import { type Stalls, watchStalls } from "./stalls.ts";
import { isWorkOf, runOf, workRequest } from "./work.ts";

/** How many keys are asked for again and again. */
const HOT_KEYS = 16;
/** One request in so many asks for a key that nobody asked for before. */
const NEW_ONE_IN = 10;
const PER_SECOND = 500;
/** Callers do not wait for each other. This only keeps a server that answers nothing from using up the machine. */
const MOST_CONNECTIONS = 1_000;
const FIRST_CONNECTIONS = 32;

/** For the descriptions of what is measured under it. */
export const LOAD =
	`asked ${PER_SECOND} times a second, whether it answers or not, over as many connections as that takes (up to ` +
	`${MOST_CONNECTIONS}), for ${HOT_KEYS} keys that it has, and every ${NEW_ONE_IN}th time for a new one`;

export interface RunningLoad {
	/** Of the process that asks, which is this one. */
	readonly stalls: Stalls;
	/** Sends nothing more, waits this long at the most for the answers that are missing, and hangs up. */
	stop(patienceMs: number): Promise<readonly Call[]>;
}

/** Which key the request of this number asks for. */
function keyOf(index: number): number {
	const isNew = index % NEW_ONE_IN === NEW_ONE_IN - 1;
	return isNew ? 1_000_000 + index : 1 + (index % HOT_KEYS);
}

/** Asks once for each key that will be asked for again and again. */
export async function warmUp(port: number): Promise<void> {
	for (let id = 1; id <= HOT_KEYS; id += 1) await runOf(port, id);
}

/** Five hundred requests a second for `/work/:id`, from this process, until it is stopped or the scope ends. */
export async function startLoad(scope: Scope, port: number): Promise<RunningLoad> {
	const callers = openCallers({ port, most: MOST_CONNECTIONS });
	await callers.connect(FIRST_CONNECTIONS);
	const stalls = watchStalls();
	const loop = openLoop({
		perSecond: PER_SECOND,
		clock: () => performance.now(),
		ask: async (index) => isWorkOf(keyOf(index), await callers.ask(workRequest(keyOf(index)))),
	});
	const timer = setInterval(() => loop.sendDue(), 1);
	const end = () => {
		clearInterval(timer);
		stalls.stop();
		const calls = loop.end();
		callers.hangUp();
		return calls;
	};
	scope.defer(end);
	return {
		stalls,
		async stop(patienceMs) {
			clearInterval(timer);
			await Promise.race([loop.settled(), Bun.sleep(patienceMs)]);
			return end();
		},
	};
}
