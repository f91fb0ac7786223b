import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { within } from "./within.ts";

/** One value that every request reads, kept in memory. */
export interface Keeper<T> {
	/** It as last read; the first call waits for it. @throws when it could never be read. */
	current(): Promise<T>;
	/** It if it has been read already; never waits. */
	readonly known: T | undefined;
	/**
	 * Sees to it that it is known, if that can be had soon. Waits `soonMs` at the most and, where it has
	 * waited in vain, never again: from then on it is read behind the callers' backs.
	 */
	whenSoonKnown(): Promise<void>;
	/** Reads it again now: it has changed. @throws when that fails; the old one is kept. */
	refresh(): Promise<void>;
}

/** After this long a reader sets off a new reading, for changes that nobody told us about. */
const MAX_AGE_MS = 60_000;

/**
 * Keeps one value in memory. Readers share one reading of the database, are served the known one while it is read
 * again, and keep it when the database is gone.
 */
export function keep<T>(deps: {
	/** In words, for the log. */
	what: string;
	load(): Promise<T>;
	clock: Clock;
	logger: Logger;
	/** A database that accepts and never answers must not keep a later reading from being tried. @default 5000 */
	readWithinMs?: number;
	/** @default 1000 */
	soonMs?: number;
}): Keeper<T> {
	const { readWithinMs = 5_000, soonMs = 1_000 } = deps;
	let known: T | undefined;
	let readAt = Number.NEGATIVE_INFINITY;
	let reading: Promise<T> | undefined;
	let waiting: Promise<void> | undefined;
	let waitedInVain = false;

	function read(): Promise<T> {
		reading ??= within(readWithinMs, deps.load())
			.then((value) => {
				known = value;
				return value;
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
		refresh().catch((error: unknown) => deps.logger.warn({ error }, `${deps.what} could not be read again`));
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
