import type { Answer } from "./answer.ts";
import { createSigner, SIGNATURE_LENGTH, type Signer } from "./signature.ts";
import type { Generations } from "./store.ts";

/** An answer as it is kept. Instants are milliseconds since the epoch, so no reader needs the policy to judge it. */
export interface Entry extends Answer {
	readonly policy: string;
	/** The key's full digest. */
	readonly digest: string;
	readonly storedAt: number;
	readonly freshUntil: number;
	/** Until when it may be given at once while a new one is made. */
	readonly staleUntil: number;
	/** Until when it may stand in for one that could not be made. */
	readonly staleIfErrorUntil: number;
	/** How long making it took, in milliseconds. */
	readonly fillMs: number;
	/** The mark that each tag had before the handler read anything. */
	readonly tags: Generations;
}

/** Between entries and the bytes that a store keeps. */
export interface EntryCodec {
	/** @throws {RangeError} when headers and tags are too long to be read back. */
	encode(name: string, entry: Entry): Uint8Array;
	/**
	 * The entry, or undefined for bytes that are cut off, foreign, of another version, or not signed for this name.
	 * Never throws. The body is a view on `bytes`.
	 */
	decode(name: string, bytes: Uint8Array): Entry | undefined;
}

/** What RFC 9110 section 15 calls heuristically cacheable, as far as it makes sense to keep. */
export const KEPT_STATUSES: ReadonlySet<number> = new Set([200, 203, 301, 308]);

/**
 * Headers of one exchange rather than of the answer (RFC 9111 section 3.1), and those set anew on every answer. No entry
 * of ours has them.
 */
export const NEVER_KEPT: ReadonlySet<string> = new Set([
	"age",
	"cache-status",
	"connection",
	"content-length",
	"date",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authentication-info",
	"proxy-authorization",
	"proxy-connection",
	"set-cookie",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"x-request-id",
]);

/** Raised when the form below changes; entries of another version are misses. */
export const ENTRY_VERSION = 2;
const NEWLINE = 0x0a;
const MAX_LINE_BYTES = 64 * 1024;
/** Deflate makes nothing smaller than by this factor (zlib.net, "Maximum Compression Factor"). */
const MAX_COMPRESSION = 1032;

/** With keys the line begins with these and the signature between them; all bytes after that are signed. */
export const BEFORE_SIGNATURE = '{"signature":"';
export const AFTER_SIGNATURE = '",';
const SIGNED_FROM = BEFORE_SIGNATURE.length + SIGNATURE_LENGTH + AFTER_SIGNATURE.length;

const UTF8 = new TextEncoder();
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * One readable JSON line, then the body's bytes as they are. With `signingKeys` the first signs and any is accepted;
 * name, line and body are signed, and nothing is believed before that was checked.
 *
 * @throws {TypeError} on an empty key.
 */
export function createEntryCodec({ signingKeys = [] }: { signingKeys?: readonly string[] } = {}): EntryCodec {
	const signer = signingKeys.length > 0 ? createSigner(signingKeys) : undefined;

	return {
		encode(name, entry) {
			const room = signer ? BEFORE_SIGNATURE + ".".repeat(SIGNATURE_LENGTH) + AFTER_SIGNATURE : "{";
			const line = UTF8.encode(`${room}${JSON.stringify(toHeader(entry)).slice(1)}\n`);
			if (line.byteLength > MAX_LINE_BYTES) {
				throw new RangeError(`An entry's header must not be over ${MAX_LINE_BYTES} bytes`);
			}
			const bytes = new Uint8Array(line.byteLength + entry.body.byteLength);
			bytes.set(line);
			bytes.set(entry.body, line.byteLength);
			if (signer) {
				const signature = signer.sign("entry", name, bytes.subarray(SIGNED_FROM));
				bytes.set(UTF8.encode(signature), BEFORE_SIGNATURE.length);
			}
			return bytes;
		},
		decode(name, bytes) {
			if (signer && !isSigned(signer, name, bytes)) return undefined;
			const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(NEWLINE);
			if (end < 0) return undefined;
			try {
				const header: unknown = JSON.parse(STRICT_UTF8.decode(bytes.subarray(0, end)));
				return isHeader(header) ? toEntry(header, bytes.subarray(end + 1)) : undefined;
			} catch {
				return undefined;
			}
		},
	};
}

function isSigned(signer: Signer, name: string, bytes: Uint8Array): boolean {
	if (bytes.byteLength <= SIGNED_FROM) return false;
	const start = Buffer.from(bytes.buffer, bytes.byteOffset, SIGNED_FROM).toString("latin1");
	if (!start.startsWith(BEFORE_SIGNATURE) || !start.endsWith(AFTER_SIGNATURE)) return false;
	const signature = start.slice(BEFORE_SIGNATURE.length, -AFTER_SIGNATURE.length);
	return signer.verify(signature, "entry", name, bytes.subarray(SIGNED_FROM));
}

/** `bytes` is the body's length as stored, `length` before compression. */
type Header = Omit<Entry, "body"> & { v: typeof ENTRY_VERSION; bytes: number };

/** Policy, status and instants come first: what people look for. */
function toHeader(entry: Entry): Header {
	const { policy, status, storedAt, freshUntil, staleUntil, staleIfErrorUntil, fillMs } = entry;
	const { coding, length, etag, digest, headers, tags, body } = entry;
	return {
		v: ENTRY_VERSION,
		policy,
		status,
		storedAt,
		freshUntil,
		staleUntil,
		staleIfErrorUntil,
		fillMs,
		...(coding && { coding }),
		length,
		bytes: body.byteLength,
		...(etag !== undefined && { etag }),
		digest,
		headers,
		tags,
	};
}

/** Picks the known members only: what else a foreign header carries stays behind. */
function toEntry(header: Header, body: Uint8Array): Entry | undefined {
	const { policy, status, storedAt, freshUntil, staleUntil, staleIfErrorUntil, fillMs } = header;
	const { coding, length, bytes, etag, digest, headers } = header;
	if (bytes !== body.byteLength) return undefined;
	if (coding ? length > bytes * MAX_COMPRESSION : length !== bytes) return undefined;
	return {
		policy,
		status,
		storedAt,
		freshUntil,
		staleUntil,
		staleIfErrorUntil,
		fillMs,
		...(coding && { coding }),
		length,
		...(etag !== undefined && { etag }),
		digest,
		headers,
		tags: withoutPrototype(header.tags),
		body,
	};
}

function isHeader(value: unknown): value is Header {
	if (typeof value !== "object" || value === null) return false;
	const header = value as Partial<Record<keyof Header, unknown>>;
	return (
		header.v === ENTRY_VERSION &&
		typeof header.policy === "string" &&
		typeof header.digest === "string" &&
		KEPT_STATUSES.has(header.status as number) &&
		Number.isFinite(header.storedAt) &&
		Number.isFinite(header.freshUntil) &&
		Number.isFinite(header.staleUntil) &&
		Number.isFinite(header.staleIfErrorUntil) &&
		Number.isFinite(header.fillMs) &&
		(header.fillMs as number) >= 0 &&
		(header.coding === undefined || header.coding === "gzip") &&
		isLength(header.length) &&
		isLength(header.bytes) &&
		(header.etag === undefined || (typeof header.etag === "string" && STRONG_ETAG.test(header.etag))) &&
		Array.isArray(header.headers) &&
		header.headers.every(isHeaderField) &&
		areTags(header.tags)
	);
}

function isLength(value: unknown): boolean {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areTags(value: unknown): boolean {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
	return Object.values(value).every((mark) => typeof mark === "string");
}

/** So that a tag may have any name, `__proto__` and `constructor` included. */
function withoutPrototype(tags: Generations): Generations {
	const safe: Record<string, string> = Object.create(null);
	for (const [tag, mark] of Object.entries(tags)) safe[tag] = mark;
	return safe;
}

/** RFC 9110 section 8.8.3. */
const STRONG_ETAG = /^"[\x21\x23-\x7e\x80-\xff]*"$/;
/** RFC 9110 section 5: anything else would make the platform refuse the whole answer. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function isHeaderField(field: unknown): boolean {
	if (!Array.isArray(field) || field.length !== 2) return false;
	const [name, value] = field as unknown[];
	return (
		typeof name === "string" &&
		typeof value === "string" &&
		FIELD_NAME.test(name) &&
		FIELD_VALUE.test(value) &&
		!NEVER_KEPT.has(name.toLowerCase())
	);
}
