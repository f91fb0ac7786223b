import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Directory } from "./directory.ts";

export interface DirectoryKeeper {
	/** The directory as last read; the first call waits for it. @throws when it could never be read. */
	current(): Promise<Directory>;
	/** The directory if it has been read already; never waits. */
	readonly known: Directory | undefined;
	/** Reads it again now: the market has changed. Keeps the old one when that fails. */
	refresh(): Promise<void>;
}

/** After this long a reader sets off a new reading, for changes that nobody told us about. */
const MAX_AGE_MS = 60_000;

/**
 * Keeps one directory in memory. Readers share one reading of the database, are served the known one while it is
 * read again, and keep it when the database is gone.
 */
export function keepDirectory(deps: {
	load(): Promise<Directory>;
	clock: Clock;
	logger: Logger;
}): DirectoryKeeper {
	let known: Directory | undefined;
	let readAt = Number.NEGATIVE_INFINITY;
	let reading: Promise<Directory> | undefined;

	function read(): Promise<Directory> {
		reading ??= deps
			.load()
			.then((directory) => {
				known = directory;
				return directory;
			})
			.finally(() => {
				readAt = deps.clock();
				reading = undefined;
			});
		return reading;
	}

	async function refresh(): Promise<void> {
		// A reading that has begun may have missed the change.
		await reading?.catch(() => {});
		await read().catch((error: unknown) => deps.logger.warn({ error }, "Names could not be read again"));
	}

	return {
		async current() {
			if (!known) return read();
			if (!reading && deps.clock() - readAt > MAX_AGE_MS) void refresh();
			return known;
		},
		get known() {
			return known;
		},
		refresh,
	};
}
