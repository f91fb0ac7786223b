/** An answer as it is kept: absolute instants in milliseconds since the epoch, so no reader needs the policy. */
export interface Entry {
	readonly policy: string;
	/** The key's full digest. */
	readonly digest: string;
	readonly status: number;
	readonly headers: readonly (readonly [name: string, value: string])[];
	readonly storedAt: number;
	readonly freshUntil: number;
	/** Until when the entry may serve at all; never before `freshUntil`. */
	readonly staleUntil: number;
	/** The generation that each tag had before the handler read anything. */
	readonly tags: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** Raised when the form below changes; entries of another version are misses. */
const ENTRY_VERSION = 1;
const NEWLINE = 0x0a;
const MAX_HEADER_BYTES = 64 * 1024;

/** One readable JSON line, then the body's bytes as they are. */
export function encodeEntry(entry: Entry): Uint8Array {
	const { body, ...header } = entry;
	const line = new TextEncoder().encode(
		`${JSON.stringify({ v: ENTRY_VERSION, ...header, length: body.byteLength })}\n`,
	);
	const bytes = new Uint8Array(line.byteLength + body.byteLength);
	bytes.set(line);
	bytes.set(body, line.byteLength);
	return bytes;
}

/** The entry, or undefined for bytes that are cut off, foreign, or of another version. Never throws. */
export function decodeEntry(bytes: Uint8Array): Entry | undefined {
	const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
	if (end < 0) return undefined;
	let header: unknown;
	try {
		header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end)));
	} catch {
		return undefined;
	}
	const body = bytes.subarray(end + 1);
	return isHeader(header) && header.length === body.byteLength ? toEntry(header, body) : undefined;
}

type Header = Omit<Entry, "body"> & { v: typeof ENTRY_VERSION; length: number };

function isHeader(value: unknown): value is Header {
	if (typeof value !== "object" || value === null) return false;
	const header = value as Partial<Record<keyof Header, unknown>>;
	return (
		header.v === ENTRY_VERSION &&
		typeof header.policy === "string" &&
		typeof header.digest === "string" &&
		isInstant(header.storedAt) &&
		isInstant(header.freshUntil) &&
		isInstant(header.staleUntil) &&
		Number.isInteger(header.length) &&
		header.status === 200 &&
		Array.isArray(header.headers) &&
		header.headers.every(isHeaderField) &&
		typeof header.tags === "object" &&
		header.tags !== null &&
		Object.values(header.tags).every((generation) => typeof generation === "string")
	);
}

function isInstant(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}

/** RFC 9110 section 5: anything else would make the platform refuse the whole answer. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function isHeaderField(field: unknown): boolean {
	if (!Array.isArray(field) || field.length !== 2) return false;
	const [name, value] = field as unknown[];
	return (
		typeof name === "string" && typeof value === "string" && FIELD_NAME.test(name) && FIELD_VALUE.test(value)
	);
}

/** Picks the known members only: what else a foreign header carries stays behind. */
function toEntry(header: Header, body: Uint8Array): Entry {
	const { policy, digest, status, headers, storedAt, freshUntil, staleUntil, tags } = header;
	return { policy, digest, status, headers, storedAt, freshUntil, staleUntil, tags, body };
}
