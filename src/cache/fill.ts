import type { Answer, Filled, Lifetime } from "./answer.ts";
import type { Backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Entry, EntryCodec } from "./entry.ts";
import type { CacheListener, FillCause, RefusalReason } from "./events.ts";
import { failureCause } from "./failure.ts";
import { jittered } from "./freshness.ts";
import type { CacheKey } from "./key.ts";
import type { Passage } from "./passage.ts";
import type { Policy } from "./policy.ts";
import type { Returns } from "./returns.ts";
import type { Coordination, Held } from "./store.ts";

/** What running the handler came to, for all who waited. */
export type Outcome<R> =
	| {
			readonly kind: "entry";
			readonly entry: Entry;
			readonly stored: boolean;
			/** Why it is not. */
			readonly detail?: RefusalReason;
			/** Filled by another process. */
			readonly elsewhere?: boolean;
	  }
	/** For whoever set it off alone; the others have to ask for themselves, or wait for `later`. */
	| {
			readonly kind: "own";
			readonly result: { readonly value: R } | { readonly error: unknown };
			readonly reason: RefusalReason;
			readonly later?: Promise<Outcome<R>>;
	  }
	/** It failed, for all. */
	| { readonly kind: "failed"; readonly status: number; readonly with: Failure<R> }
	/** Too early for another attempt. */
	| { readonly kind: "busy"; readonly status: number; readonly retryInMs: number };

export type Failure<R> = { readonly error: unknown } | (Filled<R> & { kind: "failed" }) | "timed-out";

/** One run of a handler. */
export interface Run<R> {
	readonly policy: Policy;
	readonly key: CacheKey;
	readonly by: FillCause;
	/** The lease, or why there is none and so nothing can be stored. */
	readonly held: Held | RefusalReason;
	/** Attempts of other processes that failed in a row before this one. */
	readonly failures?: number;
	/** Whether an older answer is in the store that this one outdates. */
	readonly replaces: boolean;
	fill(signal: AbortSignal): Promise<Filled<R>>;
}

export interface RunDeps {
	coordination: Coordination;
	returns: Returns;
	codec: EntryCodec;
	storeName: string;
	clock: Clock;
	random: () => number;
	listener: CacheListener;
	backoff: Backoff;
	passage: Passage;
	statusOf: (error: unknown) => number;
}

/** Runs handlers and stores what may be stored. Both promises never reject. */
export interface Runner {
	run<R>(run: Run<R>): { outcome: Promise<Outcome<R>>; landed: Promise<void> };
}

export function createRunner(deps: RunDeps): Runner {
	const { coordination, returns, codec, storeName, clock, random, listener, backoff, passage } = deps;

	function run<R>(run: Run<R>): { outcome: Promise<Outcome<R>>; landed: Promise<void> } {
		const writes: Promise<void>[] = [];
		const outcome = attempt(run, (write) => writes.push(write));
		const landed = outcome
			.then((result) => (result.kind === "own" ? result.later : undefined))
			.then(() => Promise.all(writes))
			.then(() => {});
		return { outcome, landed };
	}

	async function attempt<R>(run: Run<R>, write: (work: Promise<void>) => void): Promise<Outcome<R>> {
		const { policy, key } = run;
		const held = typeof run.held === "string" ? undefined : run.held;
		const begun = clock();
		const controller = new AbortController();
		let filled: Filled<R> | "timed-out";
		try {
			filled = await withTimeout(run.fill(controller.signal), policy.timeout * 1000);
		} catch (error) {
			const status = deps.statusOf(error);
			if (status < 500) return forOneAlone({ error }, "status");
			return failed(status, { error });
		}
		if (filled === "timed-out") {
			controller.abort(new Error(`Not done within ${policy.timeout} s`));
			return failed(504, filled);
		}
		if (filled.kind === "failed") return failed(filled.status, filled);
		if (filled.kind === "answer") return keep(filled);
		const { result, reason, later } = filled;
		if (!later) return forOneAlone({ value: result }, reason);
		// Nobody is told to run alone before it is known that this answer cannot be shared.
		const sequel = later.then(
			(end) => (end.kind === "answer" ? keep(end) : forOneAlone<R>({ value: result }, end.reason)),
			(error: unknown) => failed<R>(deps.statusOf(error), { error }),
		);
		return { kind: "own", result: { value: result }, reason, later: sequel };

		function keep({ answer, lifetime }: { answer: Answer; lifetime: Lifetime }): Outcome<R> {
			backoff.succeeded(key.digest);
			passage.close(key.digest);
			const entry = toEntry(run, answer, lifetime, tookMs());
			if (typeof run.held === "string") {
				refuse(run.held);
				return { kind: "entry", entry, stored: false, detail: run.held };
			}
			write(store(run, run.held, entry));
			return { kind: "entry", entry, stored: true };
		}

		function forOneAlone<T>(
			result: { readonly value: T } | { readonly error: unknown },
			reason: RefusalReason,
		): Outcome<T> {
			backoff.succeeded(key.digest);
			passage.open(key.digest);
			refuse(reason);
			// What is stored is outdated: the origin answers something else by now, which nobody may keep.
			if (run.replaces) write(attend("purge", coordination.evict(key.name)));
			else if (held) write(attend("lease", returns.giveBack(leaseOf(run, held))));
			return { kind: "own", result, reason };
		}

		function failed<T>(status: number, how: Failure<T>): Outcome<T> {
			const failure = backoff.failed(key.digest, status, run.failures);
			listener({
				type: "fill-failed",
				policy: policy.name,
				key: key.name,
				status,
				tookMs: tookMs(),
				by: run.by,
			});
			if (held) write(attend("lease", returns.giveBack(leaseOf(run, held), failure)));
			return { kind: "failed", status, with: how };
		}

		/** Not below 0, should the clock be set back meanwhile: no entry is read back with that. */
		function tookMs(): number {
			return Math.max(0, clock() - begun);
		}

		function refuse(reason: RefusalReason): void {
			listener({ type: "refused", policy: policy.name, key: key.name, reason });
		}
	}

	function toEntry<R>(
		{ policy, key, held }: Run<R>,
		answer: Answer,
		{ ttl, mayBeStale }: Lifetime,
		fillMs: number,
	): Entry {
		const storedAt = clock();
		const freshUntil = storedAt + jittered(ttl * 1000, policy.jitter, random);
		const staleFor = (seconds: number) => (mayBeStale ? freshUntil + seconds * 1000 : freshUntil);
		return {
			...answer,
			policy: policy.name,
			digest: key.digest,
			storedAt,
			freshUntil,
			staleUntil: staleFor(policy.staleWhileRevalidate),
			staleIfErrorUntil: staleFor(Math.max(policy.staleIfError, policy.staleWhileRevalidate)),
			fillMs,
			tags: typeof held === "string" ? {} : held.generations,
		};
	}

	/** Behind everybody's back: nobody waits for this but `landed`. */
	async function store<R>({ policy, key, by }: Run<R>, held: Held, entry: Entry): Promise<void> {
		const told = { policy: policy.name, key: key.name };
		try {
			const value = codec.encode(key.name, entry);
			const ttlMs = Math.max(1, Math.ceil(entry.staleIfErrorUntil - entry.storedAt));
			const outcome = await coordination.commit(key.name, value, ttlMs, held);
			if (outcome !== "stored") return listener({ type: "refused", ...told, reason: outcome });
			const ttlS = Math.ceil((entry.freshUntil - entry.storedAt) / 1000);
			listener({ type: "filled", ...told, ttlS, bytes: value.byteLength, tookMs: entry.fillMs, by });
		} catch (error) {
			tell("write", error);
			listener({ type: "refused", ...told, reason: "store-failed" });
			// Others would wait for a fill that is over.
			await returns.giveBack(leaseOf({ policy, key }, held)).catch(() => {});
		}
	}

	async function attend(operation: "lease" | "purge", work: Promise<unknown>): Promise<void> {
		try {
			await work;
		} catch (error) {
			tell(operation, error);
		}
	}

	function tell(operation: "write" | "lease" | "purge", error: unknown): void {
		listener({ type: "store-failed", operation, store: storeName, cause: failureCause(error), error });
	}

	return { run };
}

function leaseOf({ policy, key }: Pick<Run<unknown>, "policy" | "key">, { token }: Held) {
	return { key: key.name, token, leaseMs: policy.lease * 1000 };
}

/** What comes after the time is over is dropped. */
async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T | "timed-out"> {
	const { promise: late, resolve } = Promise.withResolvers<"timed-out">();
	const timer = setTimeout(() => resolve("timed-out"), ms);
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
