import { eventually } from "../cache/support/eventually.ts";

export interface ReceivedSpan {
	readonly traceId: string;
	readonly spanId: string;
	readonly parentSpanId?: string;
	readonly name: string;
	/** OTLP's numbers: 1 internal, 2 server, 3 client. */
	readonly kind: number;
	readonly attributes: Record<string, unknown>;
	readonly service: unknown;
}

export interface Collector {
	readonly url: string;
	readonly spans: readonly ReceivedSpan[];
	/** All that came, as it was sent. */
	readonly text: string;
	/** The first span of this name that is there, now or soon, among those of a trace if that is given. */
	spanOf(name: string, traceId?: string): Promise<ReceivedSpan>;
	childrenOf(span: ReceivedSpan): ReceivedSpan[];
	stop(): Promise<void>;
}

type Attributes = { key: string; value: Record<string, unknown> }[];

interface Sent {
	resourceSpans: {
		resource: { attributes: Attributes };
		scopeSpans: { spans: (Omit<ReceivedSpan, "attributes" | "service"> & { attributes: Attributes })[] }[];
	}[];
}

/** Takes traces by OTLP over HTTP, as JSON, and keeps them. With `hangs` it takes them and never says so. */
export function startCollector({ hangs = false } = {}): Collector {
	const spans: ReceivedSpan[] = [];
	const texts: string[] = [];
	const server = Bun.serve({
		hostname: "127.0.0.1",
		port: 0,
		idleTimeout: 0,
		async fetch(request) {
			if (hangs) return new Promise<Response>(() => {});
			if (new URL(request.url).pathname !== "/v1/traces") return new Response(null, { status: 404 });
			const text = await request.text();
			texts.push(text);
			spans.push(...spansIn(JSON.parse(text)));
			return Response.json({ partialSuccess: {} });
		},
	});

	return {
		url: server.url.href,
		spans,
		get text() {
			return texts.join("\n");
		},
		async spanOf(name, traceId) {
			const find = () =>
				spans.find((span) => span.name === name && (traceId === undefined || span.traceId === traceId));
			await eventually(() => find() !== undefined);
			const found = find();
			if (!found) throw new Error(`there is no span ${name}`);
			return found;
		},
		childrenOf: ({ spanId }) => spans.filter(({ parentSpanId }) => parentSpanId === spanId),
		stop: () => server.stop(true),
	};
}

function spansIn({ resourceSpans }: Sent): ReceivedSpan[] {
	return resourceSpans.flatMap(({ resource, scopeSpans }) =>
		scopeSpans.flatMap((scope) =>
			scope.spans.map(({ attributes, ...span }) => ({
				...span,
				attributes: valuesOf(attributes),
				service: valuesOf(resource.attributes)["service.name"],
			})),
		),
	);
}

function valuesOf(attributes: Attributes): Record<string, unknown> {
	return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
