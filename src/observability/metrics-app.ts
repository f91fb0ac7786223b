import { Hono } from "hono";
import type { Metrics } from "./metrics.ts";

/** At most so many are answered at a time: making the text is work, and one Prometheus asks once in many seconds. */
const MOST_AT_ONCE = 8;

/**
 * GET /metrics and nothing else. It has no sign-in, so it belongs on an address that only the monitoring reaches, never
 * on the public one.
 */
export function metricsApp(metrics: Metrics): Hono {
	let underWay = 0;
	return new Hono()
		.get("/metrics", async (c) => {
			if (underWay >= MOST_AT_ONCE) return c.text("Too many at once.\n", 503);
			underWay += 1;
			try {
				return c.body(await metrics.text(), 200, {
					"Content-Type": metrics.contentType,
					"Cache-Control": "no-store",
				});
			} finally {
				underWay -= 1;
			}
		})
		.notFound((c) => c.text("There is nothing here but GET /metrics.\n", 404));
}
