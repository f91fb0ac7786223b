/** One piece of work with its beginning and end, as a collector of traces shows it. Never holds what callers sent. */
export interface Span {
	set(name: string, value: string | number | boolean): void;
	/** For what is known by its right name only afterwards. */
	rename(name: string): void;
	/** The work failed, through a fault of ours. */
	fail(): void;
}

export interface SpanOptions {
	/** `server`: somebody asked us; `client`: we ask somebody. @default "internal" */
	kind?: "internal" | "server" | "client";
	attributes?: Record<string, string | number | boolean>;
	/** The W3C header `traceparent` of who asked, to go on with that trace. */
	traceparent?: string | undefined;
}

/**
 * Tells a collector how long what took. There is none where traces are not wanted, so that nothing is paid for them: the code
 * that uses it is not even put in place.
 */
export interface Tracer {
	/**
	 * Runs the work in a span of its own, which ends when the work does. Spans that are begun meanwhile, by what it calls and
	 * waits for, are its children. The result is handed on as it is: at once, or as a promise.
	 */
	span<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
	/** A span for work that is not ours to run; it ends when the returned function is called. */
	begin(name: string, options: SpanOptions): { span: Span; end(): void };
	/** Sends what is left, for a second at the most, and ends. */
	close(): Promise<void>;
}
