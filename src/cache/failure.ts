/** A store that could not be asked, or did not answer in time. What was asked for may still happen later. */
export class StoreUnavailable extends Error {
	override readonly name = "StoreUnavailable";
	constructor(
		message: string,
		readonly why: StoreFailureCause = "timeout",
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

/**
 * A purge that has not reached the store. It is kept and made good before the store is read again; until then other
 * instances may serve what should be gone, so whoever asked for it must hear.
 */
export class PurgePending extends Error {
	override readonly name = "PurgePending";
	readonly status = 503;
	constructor(
		/** Tags and keys that wait to be purged. */
		readonly pending: number,
		options?: ErrorOptions,
	) {
		super(
			`The cache store is out of reach: ${pending} purges are kept and made as soon as it answers`,
			options,
		);
	}
}

export type StoreFailureCause =
	| "timeout"
	| "overload"
	| "breaker-open"
	| "connection"
	| "out-of-memory"
	| "read-only"
	| "loading"
	| "no-auth"
	| "wrong-type"
	| "purges-pending"
	| "other";

/** Redis' error replies begin with a word of their own (redis.io, "RESP protocol", simple errors). */
const REPLIES: readonly (readonly [prefix: string, cause: StoreFailureCause])[] = [
	["OOM", "out-of-memory"],
	["READONLY", "read-only"],
	["LOADING", "loading"],
	["NOAUTH", "no-auth"],
	["WRONGPASS", "no-auth"],
	["NOPERM", "no-auth"],
	["WRONGTYPE", "wrong-type"],
];

/** Sorts a store's failure into one of few words, fit for a label. */
export function failureCause(error: unknown): StoreFailureCause {
	if (error instanceof StoreUnavailable) return error.why;
	if (error instanceof PurgePending) return "purges-pending";
	if (!(error instanceof Error)) return "other";
	const reply = REPLIES.find(
		([prefix]) => error.message.startsWith(prefix) || error.message.includes(` ${prefix} `),
	);
	if (reply) return reply[1];
	if (/timed? ?out/i.test(error.message)) return "timeout";
	return /connect|closed|writeable|ECONN|EPIPE|socket|max retries/i.test(`${error.name} ${error.message}`)
		? "connection"
		: "other";
}

const SILENCE: ReadonlySet<StoreFailureCause> = new Set([
	"timeout",
	"connection",
	"overload",
	"breaker-open",
]);

/** Whether there was no answer. An error reply is one: what refuses a write may still be read from. */
export function isSilence(error: unknown): boolean {
	return SILENCE.has(failureCause(error));
}
