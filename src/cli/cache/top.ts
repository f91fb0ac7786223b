import type { StatsBody } from "../../admin/describe-stats.ts";
import { createPause } from "../../lib/pause.ts";
import { frameOf } from "./frame.ts";
import type { Remote } from "./remote.ts";
import { openScreen } from "./screen.ts";

export interface TopOptions {
	intervalMs: number;
	/** Without end by default. */
	frames?: number | undefined;
	/** A line of JSON a frame. */
	json: boolean;
}

/** Shows what happens, until Ctrl-C or after so many frames. @throws when the first one cannot be had */
export async function top(remote: Remote, { intervalMs, frames, json }: TopOptions): Promise<void> {
	const ask = () => remote.get<StatsBody>("cache/stats");
	let now = await ask();
	let before: StatsBody | undefined;
	const pause = createPause();
	const screen = openScreen({ plain: json, onLeave: pause.end });
	try {
		for (let shown = 1; !pause.ended; shown += 1) {
			screen.show(json ? JSON.stringify(now) : frameOf(before, now));
			if (shown === frames) return;
			await pause.wait(intervalMs);
			before = now;
			now = await untilAnswered();
		}
	} finally {
		screen.close();
	}

	/** A server that is restarted is waited for. */
	async function untilAnswered(): Promise<StatsBody> {
		for (;;) {
			try {
				return await ask();
			} catch (error) {
				if (pause.ended) return now;
				if (!screen.isLive) throw error;
				screen.show(error instanceof Error ? error.message : String(error));
				await pause.wait(intervalMs);
			}
		}
	}
}
