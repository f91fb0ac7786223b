/** How one cached route behaves. Times are in seconds. */
export interface PolicyOptions {
	/** Unique; appears in logs and metrics. */
	name: string;
	/** Readable beginning of every key, ending in `:`. */
	prefix: string;
	/** How long an answer is fresh. */
	ttl: number;
	/** `shared`: one answer for all who may ask. `caller`: the caller is part of the key. There is no default. */
	scope: "shared" | "caller";
	/** After `ttl`: how long the old answer is still given at once while a new one is made. Default 0. */
	staleWhileRevalidate?: number;
	/** After `ttl`: how long the old answer stands in when making a new one fails. Default 0. */
	staleIfError?: number;
	/** Request headers that the answer depends on; each value has an entry of its own. */
	vary?: readonly string[];
	/** Larger answers are not stored. Bytes before compression. Default 1 MiB. */
	maxEntryBytes?: number;
	/** How long a handler may take before those who wait are given up on. Default 10. */
	timeout?: number;
	/** How long one process may keep the others waiting for its fill. Not below `timeout`; default: 1 more than that. */
	lease?: number;
	/** How eagerly hot entries are refreshed before they expire: 0 never, 1 (default) as the literature has it. */
	early?: number;
	/** Share of `ttl` by which an entry may expire sooner, so that what was stored together does not expire together. Default 0. */
	jitter?: number;
	/** Lets the handler's Cache-Control lengthen the time, too; it may always shorten or forbid. Default false. */
	honourOrigin?: boolean;
	/** `signed-in` (default): browsers ask again each time. `public`: anybody may keep the answer for its time. */
	audience?: "signed-in" | "public";
	/** Raised when the shape or meaning of the answer changes; entries of other versions are ignored. Default 1. */
	version?: number;
}

export type Policy = Readonly<Required<PolicyOptions>>;

const DEFAULTS = {
	staleWhileRevalidate: 0,
	staleIfError: 0,
	vary: [] as readonly string[],
	maxEntryBytes: 1024 * 1024,
	timeout: 10,
	early: 1,
	jitter: 0,
	honourOrigin: false,
	audience: "signed-in" as const,
	version: 1,
};
/** Who runs into its timeout must still be able to say so before the lease ends. */
const GIVE_BACK_SECONDS = 1;
/** What the keys of marks, leases and other state begin with in Redis. */
const TAKEN_PREFIXES: readonly string[] = ["tag:", "lease:", "state:"];
const KNOWN = new Set(["name", "prefix", "ttl", "scope", "lease", ...Object.keys(DEFAULTS)]);
/** RFC 9111 section 1.2.2: longer than anybody keeps anything, and still a number that every store takes. */
const MAX_SECONDS = 2 ** 31;
/** Beyond this, timers of JavaScript run out at once. */
const MAX_TIMER_SECONDS = Math.floor((2 ** 31 - 1) / 1000);
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** @throws {TypeError} on nonsense, so that it shows when the application is built, not when it is used. */
export function resolvePolicy(options: PolicyOptions): Policy {
	const check = (holds: boolean, sentence: string): void => {
		if (!holds) throw new TypeError(`Cache policy "${options.name}": ${sentence}`);
	};
	for (const name of Object.keys(options)) check(KNOWN.has(name), `there is no option "${name}"`);
	const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
	const timeout = options.timeout ?? DEFAULTS.timeout;
	const lease = timeout + GIVE_BACK_SECONDS;
	const policy: Policy = { ...DEFAULTS, lease, ...(given as unknown as PolicyOptions) };
	const isText = (value: unknown) => typeof value === "string";
	const seconds = (value: number) => Number.isFinite(value) && value >= 0 && value <= MAX_SECONDS;

	check(
		isText(policy.name) && /^[a-z][a-z0-9_-]*$/.test(policy.name),
		"the name must be lower case letters, digits, - and _",
	);
	check(
		isText(policy.prefix) && /^[a-z][a-z0-9_-]*:$/.test(policy.prefix),
		"the prefix must be a lower case word ending in a colon",
	);
	check(
		!TAKEN_PREFIXES.includes(policy.prefix),
		`the prefix "${policy.prefix}" is taken by the store itself`,
	);
	check(seconds(policy.ttl) && policy.ttl > 0, "ttl must be a number of seconds above 0");
	check(policy.scope === "shared" || policy.scope === "caller", 'scope must be "shared" or "caller"');
	check(seconds(policy.staleWhileRevalidate), "staleWhileRevalidate must be a number of seconds");
	check(seconds(policy.staleIfError), "staleIfError must be a number of seconds");
	check(
		Array.isArray(policy.vary) &&
			policy.vary.every((name) => isText(name) && FIELD_NAME.test(name) && name !== "*"),
		"vary must be a list of header names",
	);
	check(
		!policy.vary.some((name) => /^(authorization|cookie|accept-encoding)$/i.test(name)),
		'vary must not name Authorization or Cookie (use scope "caller") nor Accept-Encoding (taken care of)',
	);
	check(
		Number.isSafeInteger(policy.maxEntryBytes) && policy.maxEntryBytes > 0,
		"maxEntryBytes must be above 0",
	);
	check(seconds(policy.timeout) && policy.timeout > 0, "timeout must be a number of seconds above 0");
	check(seconds(policy.lease) && policy.lease >= policy.timeout, "lease must not be shorter than timeout");
	check(policy.lease <= MAX_TIMER_SECONDS, "lease must not be longer than 24 days");
	check(seconds(policy.early), "early must be 0 or more");
	check(
		Number.isFinite(policy.jitter) && policy.jitter >= 0 && policy.jitter < 1,
		"jitter must be a share from 0 to below 1",
	);
	check(typeof policy.honourOrigin === "boolean", "honourOrigin must be true or false");
	check(
		policy.audience === "signed-in" || policy.audience === "public",
		'audience must be "signed-in" or "public"',
	);
	check(
		policy.audience === "signed-in" || policy.scope === "shared",
		'an answer for one caller cannot have a "public" audience',
	);
	check(Number.isSafeInteger(policy.version) && policy.version >= 1, "version must be a whole number from 1");
	return Object.freeze({
		...policy,
		vary: Object.freeze(namesOf(policy.vary)),
	});
}

/** Whether a key of the shared store is none of an entry. */
export function isTaken(key: string): boolean {
	return TAKEN_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** In one form and order, each once: they are part of the key. */
function namesOf(vary: readonly string[]): string[] {
	return [...new Set(vary.map((name) => name.toLowerCase()))].sort();
}
