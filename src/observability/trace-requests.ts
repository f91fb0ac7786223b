import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AppEnv } from "../http/env.ts";
import type { Tracer } from "../lib/tracer.ts";

/** A span for each request, named after its route: nothing that a caller chose is in it but the path. */
export function traceRequests(tracer: Tracer): MiddlewareHandler<AppEnv> {
	return function traceRequests(c, next) {
		const { method, path } = c.req;
		const attributes = { "http.request.method": method, "url.path": path };
		const traceparent = c.req.header("traceparent");
		return tracer.span(method, { kind: "server", attributes, traceparent }, async (span) => {
			await next();
			const route = routePath(c, -1);
			const { status } = c.res;
			span.rename(`${method} ${route}`);
			span.set("http.route", route);
			span.set("http.response.status_code", status);
			if (status >= 500) span.fail();
		});
	};
}
