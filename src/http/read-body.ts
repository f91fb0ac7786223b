import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AppEnv } from "./env.ts";
import { Problem } from "./problem.ts";

/** A client that sends at all has done so by then; who hangs must not keep the server from stopping. */
const HURRY_WITHIN_MS = 1_000;

/**
 * Reads a request's body before anything else happens, in bounded size and time; whoever asks for it later gets it
 * from memory. So a client that is slow, or hangs up, is never taken for a failure of ours.
 */
export function readBody({
	maxBytes,
	larger = {},
	withinMs,
	stopping,
}: {
	maxBytes: number;
	/** By path, for those that take more. */
	larger?: Record<string, number>;
	withinMs: number;
	/** Aborted once the server was told to stop: what is still on its way has to come soon. */
	stopping?: AbortSignal | undefined;
}): MiddlewareHandler<AppEnv> {
	const limit = limitTo(maxBytes);
	const largerLimits = new Map(Object.entries(larger).map(([path, bytes]) => [path, limitTo(bytes)]));
	const hurries = new Set<() => void>();
	stopping?.addEventListener("abort", () => {
		for (const hurry of hurries) hurry();
	});

	return async function readBody(c, next) {
		if (c.req.raw.body) {
			const { promise: late, reject } = Promise.withResolvers<never>();
			let timer = setTimeout(() => reject(tooSlow(withinMs)), withinMs);
			const hurry = () => {
				clearTimeout(timer);
				timer = setTimeout(() => reject(tooSlow(HURRY_WITHIN_MS)), HURRY_WITHIN_MS);
			};
			if (stopping?.aborted) hurry();
			hurries.add(hurry);
			const read = (largerLimits.get(c.req.path) ?? limit)(c, async () => void (await c.req.arrayBuffer()));
			try {
				await Promise.race([read, late]);
			} catch (error) {
				// Also when the deadline wins: the reading that goes on then has no one else to fail to.
				read.catch(() => {});
				if (error instanceof Problem) throw error;
				throw new Problem("malformed-body", { detail: "The body did not arrive whole." }, { cause: error });
			} finally {
				clearTimeout(timer);
				hurries.delete(hurry);
			}
		}
		await next();
	};
}

function limitTo(maxBytes: number) {
	return bodyLimit({
		maxSize: maxBytes,
		onError: () => {
			throw new Problem("body-too-large", { detail: `The body must be ${maxBytes / 1024} KiB or less.` });
		},
	});
}

function tooSlow(withinMs: number): Problem {
	return new Problem("body-too-slow", { detail: `The body has to arrive within ${withinMs / 1000} s.` });
}
