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
	/** Raised when the shape or meaning of the answer changes; entries of other versions are ignored. Default 1. */
	version?: number;
	/** Larger answers are not stored. Default 1 MiB. */
	maxEntryBytes?: number;
}

export type Policy = Readonly<Required<PolicyOptions>>;

const DEFAULTS = { version: 1, maxEntryBytes: 1024 * 1024 };
const KNOWN = new Set(["name", "prefix", "ttl", "scope", ...Object.keys(DEFAULTS)]);

/** @throws {TypeError} on nonsense, so that it shows when the application is built, not when it is used. */
export function resolvePolicy(options: PolicyOptions): Policy {
	const fail = (sentence: string): never => {
		throw new TypeError(`Cache policy "${options.name}": ${sentence}`);
	};
	for (const name of Object.keys(options)) {
		if (!KNOWN.has(name)) fail(`there is no option "${name}"`);
	}
	const policy = { ...DEFAULTS, ...options };
	if (!/^[a-z][a-z0-9_-]*$/.test(policy.name)) fail("the name must be lower case letters, digits, - and _");
	if (!/^[a-z][a-z0-9_-]*:$/.test(policy.prefix))
		fail("the prefix must be a lower case word ending in a colon");
	if (!Number.isFinite(policy.ttl) || policy.ttl <= 0) fail("ttl must be a number of seconds above 0");
	if (policy.scope !== "shared" && policy.scope !== "caller") fail('scope must be "shared" or "caller"');
	if (!Number.isInteger(policy.version) || policy.version < 1) fail("version must be a whole number from 1");
	if (!Number.isInteger(policy.maxEntryBytes) || policy.maxEntryBytes < 1)
		fail("maxEntryBytes must be above 0");
	return Object.freeze(policy);
}
