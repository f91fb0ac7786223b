import { openDatabase } from "../../db/client.ts";
import type { App } from "../app.ts";
import type { CacheStore } from "../cache/index.ts";
import type { Config } from "../config.ts";
import { followMarket } from "../follow/market.ts";
import { followModel } from "../follow/model.ts";
import { keepViews } from "../follow/views.ts";
import { systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Warmer } from "../warming/warmer.ts";

/** Redis is connected to in some tens of milliseconds after the start; nobody is answered before. */
const RETRY_MS = 100;

export interface FollowChangesDeps {
	config: Config;
	app: App;
	/** That of the application's cache. */
	store: CacheStore;
	logger: Logger;
	/** Absent where nothing is kept. */
	warmer: Warmer | undefined;
}

export interface Following {
	/** Resolves when all that changed while nobody followed is forgotten. */
	readonly begun: Promise<unknown>;
	stop(): Promise<unknown>;
	close(): Promise<void>;
}

/** Forgets what the data outgrow, has the views made anew, and then has made again what callers will want. */
export function followChanges({ config, app, store, logger, warmer }: FollowChangesDeps): Following {
	// Never through a pooler: it would take what is announced for itself. Each follower listens on a connection more.
	const direct = openDatabase({
		url: config.database.directUrl,
		max: 2,
		fetchTypes: false,
		applicationName: "retyn-avm-follower",
	});
	const followed = { database: direct, cache: app.cache, store, logger, retryMs: RETRY_MS };
	const views = keepViews({ database: direct, clock: systemClock, logger });
	const followers = [
		followMarket({
			...followed,
			directory: app.directory,
			onChanged(changes) {
				// What is worked out before the views are new is forgotten once more when they are: warming waits for that.
				if (changes.at(-1)?.ofViews) warmer?.changed();
				else views.changed();
			},
		}),
		followModel({ ...followed, models: app.models, onChanged: () => warmer?.changed() }),
	];
	return {
		begun: Promise.all(followers.map(({ following }) => following)),
		stop() {
			views.stop();
			return Promise.all(followers.map((follower) => follower.stop()));
		},
		close: () => direct.close(),
	};
}
