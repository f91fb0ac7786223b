import { StoreUnavailable } from "./failure.ts";

/** A timer that fires later than this was held up by this process itself, and what it waits for may be here, unread. */
const HELD_UP_MS = 2;

/**
 * Calls `late` after a time, unless the returned function is called before. Where this process was too busy to look, so
 * that the timer fires late, the time begins once more: nobody else is to blame for that.
 */
export function startDeadline(ms: number, late: () => void): () => void {
	const due = performance.now() + ms;
	let timer = setTimeout(() => {
		if (performance.now() - due <= HELD_UP_MS) late();
		else timer = setTimeout(late, ms);
	}, ms);
	return () => clearTimeout(timer);
}

/** @throws {StoreUnavailable} when the work has not ended within the time; it is not stopped. */
export async function withinMs<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
	const { promise, reject } = Promise.withResolvers<never>();
	const inTime = startDeadline(ms, () =>
		reject(new StoreUnavailable(`${what}: no answer within ${ms} ms`, "timeout")),
	);
	try {
		return await Promise.race([work, promise]);
	} finally {
		inTime();
	}
}
