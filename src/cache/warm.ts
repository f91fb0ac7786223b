import type { Context } from "hono";

/** Under this name, in the environment of one request, it says that nobody asks but the service itself. */
const WARMING: unique symbol = Symbol("warming");

export interface WarmOptions {
	/** Requests under way at one time. Default 4. */
	concurrency?: number;
	/** Told after each request how many were answered or failed. */
	onProgress?(done: number): void;
	/** Ends the warming: no further request is begun. */
	signal?: AbortSignal;
}

export interface Warmed {
	/** Requests that were answered below 400. */
	readonly warmed: number;
	readonly failed: readonly WarmFailure[];
}

export type WarmFailure = { readonly url: string } & (
	| { readonly status: number }
	| { readonly error: unknown }
);

/**
 * Fills the cache by sending requests through the application, as its callers would: whoever warms routes behind
 * authentication sends credentials along. One that fails does not stop the rest. What they find is told as no hit and no
 * miss, provided that `fetch` hands on the environment it is given, as Hono's does.
 *
 * @throws {RangeError} on a concurrency that is no whole number of 1 or more; and what `requests` throws.
 */
export async function warm(
	requests: Iterable<Request>,
	fetch: (request: Request, env: object) => Response | Promise<Response>,
	{ concurrency = 4, onProgress, signal }: WarmOptions = {},
): Promise<Warmed> {
	if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
		throw new RangeError("Warming needs a concurrency that is a whole number of 1 or more");
	}
	const waiting = requests[Symbol.iterator]();
	const failed: WarmFailure[] = [];
	let warmed = 0;
	await Promise.all(Array.from({ length: concurrency }, work));
	return { warmed, failed };

	async function work(): Promise<void> {
		while (!signal?.aborted) {
			const next = waiting.next();
			if (next.done) return;
			const failure = await visit(next.value);
			if (failure) failed.push(failure);
			else warmed += 1;
			onProgress?.(warmed + failed.length);
		}
	}

	async function visit(request: Request): Promise<WarmFailure | undefined> {
		try {
			const response = await fetch(request, { [WARMING]: true });
			// An answer counts as given when its body is.
			await response.body?.pipeTo(new WritableStream(), signal && { signal });
			return response.status < 400 ? undefined : { url: request.url, status: response.status };
		} catch (error) {
			return { url: request.url, error };
		}
	}
}

/** Whether this request came from `warm`. */
export function isWarming(c: Context): boolean {
	return (c.env as { [WARMING]?: boolean } | undefined)?.[WARMING] === true;
}
