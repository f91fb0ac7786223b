import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AppEnv } from "../http/env.ts";
import type { Logger } from "../lib/logger.ts";
import type { RequestObserver } from "./request-stats.ts";

export interface LogRequestsOptions {
	logger: Logger;
	/** Hears of each request with the pattern of the last route that matched. */
	onRequest?: RequestObserver | undefined;
	/** Milliseconds of a clock that only goes forward: a hit takes less than one of them. */
	now?: () => number;
}

const UNREMARKABLE = "debug";

/** One line a request: how it went, never what it said. Failures stand out from the rest by their level. */
export function logRequests(options: LogRequestsOptions): MiddlewareHandler<AppEnv> {
	const { logger, onRequest, now = () => performance.now() } = options;
	return async function logRequests(c, next) {
		c.set("logger", logger);
		const begun = now();
		await next();
		const ms = now() - begun;
		const { status } = c.res;
		const { method } = c.req;
		const route = routePath(c, -1);
		onRequest?.(route, method, status, ms);
		logger[status >= 500 ? "warn" : UNREMARKABLE](
			{
				requestId: c.get("requestId"),
				method,
				route,
				status,
				ms: Math.round(ms * 10) / 10,
				cache: c.res.headers.get("cache-status") ?? undefined,
			},
			"Request answered",
		);
	};
}
