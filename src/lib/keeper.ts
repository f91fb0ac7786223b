import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { within } from "../lib/within.ts";
import type { Directory } from "./directory.ts";

export interface DirectoryKeeper {
	/** The directory as last read; the first call waits for it. @throws when it could never be read. */
	current(): Promise<Directory>;
	/** The directory if it has been read already; never waits. */
	readonly known: Directory | undefined;
	/**
	 * Sees to it that the directory is known, if that can be had soon. Waits `soonMs` at the most and, where it has
	 * waited in vain, never again: from then on the directory is read behind the callers' backs.
	 */
	whenSoonKnown(): Promise<void>;
	/** Reads it again now: the market has changed. @throws when that fails; the old one is kept. */
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
	/** A database that accepts and never answers must not keep a later reading from being tried. @default 5000 */
	readWithinMs?: number;
	/** @default 1000 */
	soonMs?: number;
}): DirectoryKeeper {
	const { readWithinMs = 5_000, soonMs = 1_000 } = deps;
	let known: Directory | undefined;
	let readAt = Number.NEGATIVE_INFINITY;
	let reading: Promise<Directory> | undefined;
	let waiting: Promise<void> | undefined;
	let waitedInVain = false;

	function read(): Promise<Directory> {
		reading ??= within(readWithinMs, deps.load())
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
		await read();
	}

	function refreshInBackground(): void {
		refresh().catch((error: unknown) => deps.logger.warn({ error }, "Names could not be read again"));
	}

	async function waitOnce(): Promise<void> {
		await within(soonMs, read()).catch(() => {});
		waitedInVain = known === undefined;
	}

	return {
		async current() {
			if (!known) return read();
			if (!reading && deps.clock() - readAt > MAX_AGE_MS) refreshInBackground();
			return known;
		},
		get known() {
			return known;
		},
		async whenSoonKnown() {
			if (known) return;
			if (waitedInVain) {
				read().catch(() => {});
				return;
			}
			waiting ??= waitOnce();
			await waiting;
		},
		refresh,
	};
}
