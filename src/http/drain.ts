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

const LOOK_EVERY_MS = 10;
/**
 * So many looks without a request: nobody is using the connections that are left. Looks, not milliseconds: while the
 * process is held up, what is sent to it waits to be read, and has to be read before it counts as quiet.
 */
const QUIET_LOOKS = 10;
/** The same once somebody has come: those who have connections may be slow to use them again. */
const QUIET_LOOKS_AFTER_TRAFFIC = 50;
/** Clients that keep coming are not waited for any longer than this. */
const QUIET_WITHIN_MS = 2_000;
/** So many looks without a request to answer: who is left began one and does not go on. */
const UNFINISHED_LOOKS = 25;

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
	let looks = 0;
	let quietLooks = 0;
	let wantedLooks = QUIET_LOOKS;
	const isPatient = () => elapsed() < QUIET_WITHIN_MS || looks < QUIET_LOOKS;
	while (elapsed() < options.delayMs || (quietLooks < wantedLooks && isPatient())) {
		await pause.wait(LOOK_EVERY_MS);
		looks += 1;
		quietLooks += 1;
		if (options.arrived() === seen) continue;
		seen = options.arrived();
		quietLooks = 0;
		wantedLooks = QUIET_LOOKS_AFTER_TRAFFIC;
	}

	let isOver = false;
	const over = server.stop().then(() => {
		isOver = true;
	});
	let unfinishedLooks = 0;
	while (!isOver && unfinishedLooks < UNFINISHED_LOOKS && elapsed() < options.withinMs) {
		await Promise.race([over, pause.wait(LOOK_EVERY_MS)]);
		unfinishedLooks = server.pendingRequests > 0 ? 0 : unfinishedLooks + 1;
	}
	const cutOff = server.pendingRequests;
	await server.stop(true);
	return cutOff;
}
