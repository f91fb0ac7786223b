import { createPause } from "../lib/pause.ts";

/** What has to be known of a server to take its clients leave of it. */
export interface Drainable {
	/** Requests that came and are not answered yet. */
	readonly pendingRequests: number;
	/**
	 * Takes no more connections, closes those that are idle and, with `cut`, all others. Resolves when there is none left.
	 */
	stop(cut?: boolean): Promise<void>;
}

export interface DrainOptions {
	/** Requests that ever came. */
	arrived(): number;
	/** Milliseconds in which new connections are taken, whether any come or not. */
	delayMs: number;
	/** Milliseconds after which what is not answered is cut off. */
	withinMs: number;
}

/** No request for this long: whoever has a connection and uses it has been told to leave it. */
const QUIET_MS = 100;
/** Clients that keep coming are not waited for any longer than this. */
const QUIET_WITHIN_MS = 2_000;
/** For clients that began a request and do not go on: the server knows of them, but nothing waits for an answer. */
const UNFINISHED_MS = 250;
const LOOK_EVERY_MS = 10;

/**
 * Ends a server so that no request is lost. A connection that is closed while idle may lose what its client is sending
 * in that moment (RFC 9112, section 9.5), so nothing is closed at first: while each answer says `Connection: close`, the
 * clients leave by themselves. Once it is quiet the idle rest is closed, and what is under way is answered.
 *
 * @returns how many requests were cut off.
 */
export async function drain(server: Drainable, options: DrainOptions): Promise<number> {
	const pause = createPause();
	const begun = performance.now();
	const elapsed = () => performance.now() - begun;

	let seen = options.arrived();
	let quietSince = 0;
	const quietBy = Math.max(QUIET_WITHIN_MS, options.delayMs);
	while (elapsed() < options.delayMs || (elapsed() - quietSince < QUIET_MS && elapsed() < quietBy)) {
		await pause.wait(LOOK_EVERY_MS);
		if (options.arrived() !== seen) quietSince = elapsed();
		seen = options.arrived();
	}

	let isOver = false;
	const over = server.stop().then(() => {
		isOver = true;
	});
	let pendingAt = elapsed();
	while (!isOver && elapsed() - pendingAt < UNFINISHED_MS && elapsed() < options.withinMs) {
		if (server.pendingRequests > 0) pendingAt = elapsed();
		await Promise.race([over, pause.wait(LOOK_EVERY_MS)]);
	}
	const cutOff = server.pendingRequests;
	await server.stop(true);
	return cutOff;
}
