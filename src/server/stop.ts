import { type Drainable, drain } from "../http/drain.ts";
import type { Logger } from "../lib/logger.ts";
import { within } from "../lib/within.ts";

/** After a signal to stop: what is in flight gets this long, */
const ANSWER_WITHIN_MS = 6_500;
/** what is still to be told to others this long after that, */
const FLUSH_WITHIN_MS = 1_500;
/** and whatever hangs, the process is gone by then. Containers are killed after 10 s. */
const STOP_WITHIN_MS = 8_800;

type Work = (Promise<unknown> | undefined)[];

export interface StopDeps {
	server: Drainable;
	/** Requests that ever came. */
	arrived(): number;
	/** Milliseconds in which connections are still accepted. */
	delayMs: number;
	/** Tells everybody that it is over soon. */
	stopping: AbortController;
	logger: Logger;
	/** What is still to be told to others, once everybody is answered. */
	finish(): Work;
	/** Closes what that was told by. */
	close(): Work;
}

/** Ends the process in good order when a signal asks for it: no request is lost that can be answered in time. */
export function stopOnSignals(deps: StopDeps): void {
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal, deps));
}

/** A second signal changes nothing: it goes as fast as it can, and whoever cannot wait has SIGKILL. */
async function stop(signal: string, { server, stopping, logger, ...deps }: StopDeps): Promise<void> {
	if (stopping.signal.aborted) return;
	stopping.abort();
	logger.info({ signal }, "Stopping");
	setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
	const { arrived, delayMs } = deps;
	const cutOff = await drain(server, { arrived, delayMs, withinMs: ANSWER_WITHIN_MS });
	if (cutOff > 0) logger.warn({ cutOff }, "Requests took too long and were cut off");
	await soon(deps.finish());
	await soon(deps.close());
	process.exit(cutOff > 0 ? 1 : 0);
}

/** Nobody waits for an answer any more, so what is not over in time is left. */
async function soon(work: Work): Promise<void> {
	await within(FLUSH_WITHIN_MS, Promise.allSettled(work)).catch(() => {});
}
