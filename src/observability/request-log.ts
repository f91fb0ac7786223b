import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AppEnv } from "../http/env.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

const UNREMARKABLE = "debug";

/** One line a request: how it went, never what it said. Failures stand out from the rest by their level. */
export function logRequests(logger: Logger, clock: Clock): MiddlewareHandler<AppEnv> {
	return async function logRequests(c, next) {
		c.set("logger", logger);
		const begun = clock();
		await next();
		const { status } = c.res;
		logger[status >= 500 ? "warn" : UNREMARKABLE](
			{
				requestId: c.get("requestId"),
				method: c.req.method,
				route: routePath(c, -1),
				status,
				ms: clock() - begun,
				cache: c.res.headers.get("cache-status") ?? undefined,
			},
			"Request answered",
		);
	};
}
