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
const KEY_VERSION = 2;

/** Deeper input is a mistake or an attack. */
const MAX_DEPTH = 64;

/**
 * Equal parts give equal keys; any difference of value or type gives another key (SHA-256).
 *
 * @throws {TypeError} for what has no one plain form (functions, symbols, instances of classes), or is nested more than
 * 64 levels deep.
 */
export function cacheKey(parts: KeyParts): CacheKey {
	const { policy, version, caller, input } = parts;
	const encoded = [KEY_VERSION, policy, version, caller, input].map((part) => encode(part, 0)).join("");
	const digest = createHash("sha256").update(encoded).digest("hex");
	return { name: parts.prefix + digest.slice(0, 32), digest };
}

/** One text for each plain value, and for no other. @throws {TypeError} as `cacheKey` does. */
export function canonicalText(value: unknown): string {
	return encode(value, 0);
}

/**
 * A typed, length-prefixed form: no separator that a value could imitate, no two values with one form. The order of
 * an object's members does not count, a member that is undefined is absent.
 */
function encode(value: unknown, depth: number): string {
	switch (typeof value) {
		case "string":
			return encodeText(value);
		case "number":
			return Object.is(value, -0) ? "n-0;" : `n${value};`;
		case "bigint":
			return `i${value};`;
		case "boolean":
			return value ? "t" : "f";
		case "undefined":
			return "u";
		case "object":
			return value === null ? "z" : encodeObject(value, depth + 1);
		default:
			throw new TypeError(`A cache key cannot hold a ${typeof value}`);
	}
}

/** Hashing sees UTF-8, in which all lone surrogates are one character; JSON writes each of them out. */
function encodeText(value: string): string {
	if (value.isWellFormed()) return `s${value.length}:${value}`;
	const text = JSON.stringify(value);
	return `j${text.length}:${text}`;
}

function encodeObject(value: object, depth: number): string {
	if (depth > MAX_DEPTH) throw new TypeError(`A cache key cannot hold more than ${MAX_DEPTH} levels`);
	if (Array.isArray(value)) {
		let text = `a${value.length}:`;
		// Unlike `map` this sees the holes of a sparse list.
		for (const member of value) text += encode(member, depth);
		return text;
	}
	if (value instanceof Date) return `d${value.getTime()};`;
	const prototype: unknown = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== null) {
		throw new TypeError("A cache key holds plain values only");
	}
	const members = value as Readonly<Record<string, unknown>>;
	const names = Object.keys(members).filter((name) => members[name] !== undefined);
	let text = `o${names.length}:`;
	for (const name of names.sort()) text += encodeText(name) + encode(members[name], depth);
	return text;
}
