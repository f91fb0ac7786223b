import type { DatabaseHandle } from "../../db/client.ts";
import { refreshViews } from "../../db/market-views.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { createPause } from "../lib/pause.ts";

export interface ViewsDeps {
	database: DatabaseHandle;
	clock: Clock;
	logger: Logger;
	/** Milliseconds from the start of one refresh to the next, however much changes. @default 5000 */
	pauseMs?: number | undefined;
	/** Milliseconds after which they are looked at unasked; and made anew, if nobody has for so long. @default 15 minutes */
	everyMs?: number | undefined;
}

export interface Views {
	/** Something changed: they are made anew soon. */
	changed(): void;
	stop(): void;
}

/** What came with one commit is one refresh. */
const SETTLE_MS = 200;

/**
 * Keeps the views over the market up to date: soon after each change, and by the clock for what nobody noted down. All
 * servers try, the database lets one of them; a refresh that failed, or whose server died, is made good by the next try.
 */
export function keepViews(deps: ViewsDeps): Views {
	const { database, clock, logger, pauseMs = 5_000, everyMs = 15 * 60_000 } = deps;
	const pause = createPause();
	let wanted = false;
	let working = false;
	let startedAt = Number.NEGATIVE_INFINITY;

	function changed(): void {
		wanted = true;
		if (!working) void work();
	}

	async function work(): Promise<void> {
		working = true;
		await pause.wait(SETTLE_MS);
		while (wanted && !pause.ended) {
			await pause.wait(Math.max(0, startedAt + pauseMs - clock()));
			if (pause.ended) return;
			wanted = false;
			startedAt = clock();
			wanted = (await attempt()) || wanted;
		}
		working = false;
	}

	/** Whether it has to be tried again. */
	async function attempt(): Promise<boolean> {
		try {
			const refreshed = await refreshViews(database, { ifOlderThanMs: everyMs });
			if (refreshed.did === "nothing") return refreshed.why === "busy";
			const { version, areas } = refreshed;
			logger.info({ version, areas, ms: clock() - startedAt }, "Views refreshed");
			return false;
		} catch (error) {
			if (pause.ended) return false;
			logger.warn({ error }, "The views could not be refreshed; trying again");
			return true;
		}
	}

	const timer = setInterval(changed, everyMs);
	timer.unref?.();
	changed();

	return {
		changed,
		stop() {
			clearInterval(timer);
			pause.end();
		},
	};
}
