import {
	type Span as ApiSpan,
	type Context,
	ROOT_CONTEXT,
	SpanKind,
	SpanStatusCode,
	trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Span, SpanOptions, Tracer } from "../lib/tracer.ts";
import { within } from "../lib/within.ts";
import { readTraceparent } from "./traceparent.ts";
import { warning } from "./warn-of-exports.ts";

export interface OpenTelemetryOptions {
	/** Address of a collector that takes OTLP over HTTP, `http://collector:4318` for example. */
	to: string;
	clock: Clock;
	logger: Logger;
}

const SERVICE = "retyn-avm";
/** A collector that hangs holds nothing but the spans of one batch. */
const EXPORT_WITHIN_MS = 5_000;
const SEND_EVERY_MS = 1_000;
const CLOSE_WITHIN_MS = 1_000;

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

/**
 * A tracer that sends spans to an OpenTelemetry collector in batches, behind everybody's back. A trace that somebody
 * else began is recorded if they do so, any other one always, unless `OTEL_TRACES_SAMPLER` says otherwise. Nothing is
 * registered for the whole process. Import it only where traces are wanted: it brings large packages along.
 */
export function openTracer({ to, clock, logger }: OpenTelemetryOptions): Tracer {
	const exporter = new OTLPTraceExporter({
		url: `${to.replace(/\/+$/, "")}/v1/traces`,
		timeoutMillis: EXPORT_WITHIN_MS,
	});
	const provider = new BasicTracerProvider({
		resource: resourceFromAttributes({ "service.name": SERVICE }),
		spanProcessors: [
			new BatchSpanProcessor(warning(exporter, { clock, logger }), {
				scheduledDelayMillis: SEND_EVERY_MS,
				exportTimeoutMillis: EXPORT_WITHIN_MS,
			}),
		],
	});
	const tracer = provider.getTracer(SERVICE);
	const contexts = new AsyncLocalStorageContextManager().enable();

	function start(name: string, { kind = "internal", attributes = {}, traceparent }: SpanOptions) {
		const parent = parentOf(traceparent) ?? contexts.active();
		const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
		return { span, context: trace.setSpan(parent, span) };
	}

	return {
		span(name, options, work) {
			const { span, context } = start(name, options);
			const ended = <R>(result: R): R => {
				span.end();
				return result;
			};
			const failed = (error: unknown): never => {
				span.setStatus({ code: SpanStatusCode.ERROR });
				span.end();
				throw error;
			};
			let result: ReturnType<typeof work>;
			try {
				result = contexts.with(context, () => work(writing(span)));
			} catch (error) {
				return failed(error);
			}
			return result instanceof Promise ? (result.then(ended, failed) as typeof result) : ended(result);
		},
		begin(name, options) {
			const { span } = start(name, options);
			return { span: writing(span), end: () => span.end() };
		},
		async close() {
			await within(CLOSE_WITHIN_MS, provider.shutdown()).catch(() => {});
			contexts.disable();
		},
	};
}

function parentOf(traceparent: string | undefined): Context | undefined {
	const remote = traceparent === undefined ? undefined : readTraceparent(traceparent);
	return remote && trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
}

function writing(span: ApiSpan): Span {
	return {
		set: (name, value) => void span.setAttribute(name, value),
		rename: (name) => void span.updateName(name),
		fail: () => void span.setStatus({ code: SpanStatusCode.ERROR }),
	};
}
