import { createHash } from "node:crypto";

/** What tells one entry of a policy from another. */
export interface KeyParts {
	policy: string;
	/** Readable beginning of the key, for people who look into the store: `areas:`. */
	prefix: string;
	/** Raised when the meaning or shape of the answer changes. */
	version: number;
	/** Empty for answers that all callers share. */
	caller: readonly string[];
	/** Everything the handler may read: plain JSON-like values. */
	input: unknown;
}

export interface CacheKey {
	/** The name in the store: prefix and 128 bits of the digest. */
	readonly name: string;
	/** All 256 bits, kept in the entry and compared on reading. */
	readonly digest: string;
}

/** Raised when the encoding below changes: old entries are then never found. */
const KEY_VERSION = 1;

/** Equal parts give equal keys; any difference of value or type gives another key (SHA-256). */
export function cacheKey(parts: KeyParts): CacheKey {
	const encoded = encode([KEY_VERSION, parts.policy, parts.version, parts.caller, parts.input]);
	const digest = createHash("sha256").update(encoded).digest("hex");
	return { name: parts.prefix + digest.slice(0, 32), digest };
}

/**
 * A typed, length-prefixed form: no separator that a value could imitate, no two values with one form. The order of
 * an object's members does not count, a member that is undefined is absent.
 */
function encode(value: unknown): string {
	switch (typeof value) {
		case "string": {
			// Hashing sees UTF-8, in which all lone surrogates are one character; JSON writes each of them out.
			const text = JSON.stringify(value);
			return `s${text.length}:${text}`;
		}
		case "number":
			return `n${value};`;
		case "bigint":
			return `i${value};`;
		case "boolean":
			return value ? "t" : "f";
		case "undefined":
			return "u";
		case "object":
			break;
		default:
			throw new TypeError(`A cache key cannot hold a ${typeof value}`);
	}
	if (value === null) return "z";
	if (Array.isArray(value)) return `a${value.length}:${value.map(encode).join("")}`;
	if (value instanceof Date) return `d${value.getTime()};`;
	const prototype: unknown = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== null) {
		throw new TypeError("A cache key holds plain values only");
	}
	const members = Object.entries(value)
		.filter(([, member]) => member !== undefined)
		.sort(([left], [right]) => (left < right ? -1 : 1));
	return `o${members.length}:${members.map(([name, member]) => encode(name) + encode(member)).join("")}`;
}
