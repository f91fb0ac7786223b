import type { Target } from "./request.ts";

export interface LoadResult {
	readonly requests: number;
	readonly seconds: number;
	/** Answers with a status of 400 or above, broken connections and time-outs. */
	readonly errors: number;
	/** Received, headers included. */
	readonly bytes: number;
	/** Milliseconds. */
	readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Keeps a number of connections busy for a time: each sends its next request when it has its answer. */
export interface Load {
	readonly name: string;
	run(target: Target, how: { seconds: number; connections: number }): Promise<LoadResult>;
}
