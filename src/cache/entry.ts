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
		Number.isInteger(header.status) &&
		Array.isArray(header.headers) &&
		header.headers.every(isPairOfStrings) &&
		typeof header.tags === "object" &&
		header.tags !== null &&
		Object.values(header.tags).every((generation) => typeof generation === "string")
	);
}

function isInstant(value: unknown): value is number {
	return typeof value === "number" && Number.isFinite(value);
}

function isPairOfStrings(value: unknown): boolean {
	return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string");
}

/** Picks the known members only: what else a foreign header carries stays behind. */
function toEntry(header: Header, body: Uint8Array): Entry {
	const { policy, digest, status, headers, storedAt, freshUntil, staleUntil, tags } = header;
	return { policy, digest, status, headers, storedAt, freshUntil, staleUntil, tags, body };
}
