import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

const WARN_EVERY_MS = 60_000;
const SUCCEEDED = 0;

/** The same exporter. That spans were lost is worth a line once a minute, and no more. */
export function warning(
	exporter: SpanExporter,
	{ clock, logger }: { clock: Clock; logger: Logger },
): SpanExporter {
	let warnedAt = Number.NEGATIVE_INFINITY;
	let lost = 0;
	return {
		export(spans, done) {
			exporter.export(spans, (result) => {
				done({ code: SUCCEEDED });
				if (result.code === SUCCEEDED) return;
				lost += spans.length;
				if (clock() - warnedAt < WARN_EVERY_MS) return;
				warnedAt = clock();
				logger.warn({ lost }, "Traces cannot be sent; the collector does not take them");
				lost = 0;
			});
		},
		async forceFlush() {
			await exporter.forceFlush?.();
		},
		shutdown: () => exporter.shutdown(),
	};
}
