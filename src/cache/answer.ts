import type { RefusalReason } from "./events.ts";

/** An answer in terms of no framework, as it is stored and sent. */
export interface Answer {
	readonly status: number;
	readonly headers: readonly (readonly [name: string, value: string])[];
	/** The bytes as stored: compressed when `coding` says so. */
	readonly body: Uint8Array;
	readonly coding?: "gzip";
	/** Length of the body as it was before compression, in bytes. */
	readonly length: number;
	/** Of the body before compression: a strong entity tag with its quotes. */
	readonly etag?: string;
}

/** What the origin said about keeping its answer, after the policy was asked; seconds. */
export interface Lifetime {
	readonly ttl: number;
	/** False where a directive forbids serving it stale (RFC 9111 section 4.2.4). */
	readonly mayBeStale: boolean;
}

/** What a handler's run came to. `R` is the answer in the framework's terms, for the one who asked. */
export type Filled<R> =
	| { readonly kind: "answer"; readonly answer: Answer; readonly lifetime: Lifetime }
	/** Not to be stored nor shared. `later`: it is still being sent, and may turn out to be storable at its end. */
	| {
			readonly kind: "own";
			readonly result: R;
			readonly reason: RefusalReason;
			readonly later?: Promise<Filled<R> & { kind: "answer" | "own" }>;
	  }
	/** 500 and above: shared with those who wait, never stored, and a reason to keep the last good copy. */
	| { readonly kind: "failed"; readonly status: number; readonly answer: Answer };
