/** W3C Trace Context, section 3.2: version, trace, the caller's span, flags. Later versions may have more behind it. */
const TRACEPARENT =
	/^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export interface RemoteSpan {
	readonly traceId: string;
	readonly spanId: string;
	readonly traceFlags: number;
}

/** The span of whoever asked; undefined for what is no `traceparent`, which begins a trace of its own. */
export function readTraceparent(header: string): RemoteSpan | undefined {
	const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header) ?? [];
	if (!traceId || !spanId || !flags || (version === "00" && more !== undefined)) return undefined;
	return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}
