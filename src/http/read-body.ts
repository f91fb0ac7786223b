import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AppEnv } from "./env.ts";
import { Problem } from "./problem.ts";

/**
 * Reads a request's body before anything else happens, in bounded size and time; whoever asks for it later gets it
 * from memory. So a client that is slow, or hangs up, is never taken for a failure of ours.
 */
export function readBody({
	maxBytes,
	larger = {},
	withinMs,
}: {
	maxBytes: number;
	/** By path, for those that take more. */
	larger?: Record<string, number>;
	withinMs: number;
}): MiddlewareHandler<AppEnv> {
	const limit = limitTo(maxBytes);
	const largerLimits = new Map(Object.entries(larger).map(([path, bytes]) => [path, limitTo(bytes)]));

	return async function readBody(c, next) {
		if (c.req.raw.body) {
			const { promise: late, reject } = Promise.withResolvers<never>();
			const timer = setTimeout(() => reject(tooSlow(withinMs)), withinMs);
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
