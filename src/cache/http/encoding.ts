import { promisify } from "node:util";
import { gunzip, gunzipSync, gzip } from "node:zlib";
import { parseAccept } from "hono/utils/accept";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/utils/compress";
import { LRUCache } from "lru-cache";
import type { Answer } from "../answer.ts";
import type { Awaitable } from "../store.ts";
import { parseCacheControl } from "./cache-control.ts";

/** A body as it is stored. */
export interface StoredBody extends Pick<Answer, "body" | "coding" | "length"> {
	/** As it was before compression. */
	readonly plain: Uint8Array;
}

/** Compressed bytes that are broken, or would become more than is allowed. */
export class Undecodable extends Error {
	override readonly name = "Undecodable";
	constructor(
		readonly reason: "too-large" | "content-encoding",
		options?: ErrorOptions,
	) {
		super(reason === "too-large" ? "Too large when decompressed" : "Not valid gzip", options);
	}
}

const SMALLEST_WORTH_IT = 1024;

const inflate = promisify(gunzip);
const deflate = promisify<Uint8Array, Uint8Array>(gzip);

/**
 * Compresses a handler's answer where that pays, once. What the handler compressed itself stays as it is.
 *
 * @param headers the answer's, which say type, coding and whether it may be changed
 * @param maxBytes bound on the body's length before compression
 * @throws {Undecodable} for a coding that is broken or passes the bound.
 */
export async function compressed(bytes: Uint8Array, headers: Headers, maxBytes: number): Promise<StoredBody> {
	const coding = headers.get("content-encoding")?.trim().toLowerCase();
	if (coding === "gzip" || coding === "x-gzip") {
		const plain = await unzip(bytes, maxBytes);
		return { body: bytes, coding: "gzip", length: plain.byteLength, plain };
	}
	const asIs = { body: bytes, length: bytes.byteLength, plain: bytes };
	if (bytes.byteLength > maxBytes) throw new Undecodable("too-large");
	if (bytes.byteLength <= SMALLEST_WORTH_IT || !isCompressible(headers)) return asIs;
	const smaller = await deflate(bytes);
	return smaller.byteLength < bytes.byteLength ? { ...asIs, body: smaller, coding: "gzip" } : asIs;
}

/**
 * The body as it was before compression; a small one at once, as handing it to a thread costs more than inflating it.
 *
 * @throws {Undecodable} (rejects) when the stored bytes are broken or do not have the length that they should.
 */
export function decoded({ body, coding, length }: Answer, maxBytes: number): Awaitable<Uint8Array> {
	if (!coding) return body;
	if (length > maxBytes) return Promise.reject(new Undecodable("too-large"));
	if (length > SMALL_ENOUGH_TO_INFLATE_AT_ONCE)
		return unzip(body, length).then((plain) => ofLength(plain, length));
	try {
		return ofLength(gunzipSync(body, { maxOutputLength: Math.max(1, length) }), length);
	} catch (cause) {
		return Promise.reject(undecodable(cause));
	}
}

function ofLength(plain: Uint8Array, length: number): Uint8Array {
	if (plain.byteLength !== length) throw new Undecodable("content-encoding");
	return plain;
}

const SMALL_ENOUGH_TO_INFLATE_AT_ONCE = 16 * 1024;

/**
 * Whether a client is to get gzip (RFC 9110 section 12.5.3): it names gzip, or anything, and does not rather have
 * the plain bytes. Without the header, or with an empty one, the plain bytes are safest.
 */
export function acceptsGzip(acceptEncoding: string | null | undefined): boolean {
	if (!acceptEncoding) return false;
	const known = accepting.get(acceptEncoding);
	if (known !== undefined) return known;
	const accepts = prefersGzip(acceptEncoding);
	if (acceptEncoding.length <= MAX_REMEMBERED_LENGTH) accepting.set(acceptEncoding, accepts);
	return accepts;
}

/** Clients have few ways to say it. */
const accepting = new LRUCache<string, boolean>({ max: 100 });
const MAX_REMEMBERED_LENGTH = 200;

function prefersGzip(acceptEncoding: string): boolean {
	const weights = new Map(parseAccept(acceptEncoding).map(({ type, q }) => [type.toLowerCase(), q]));
	const any = weights.get("*");
	const gzip = weights.get("gzip") ?? weights.get("x-gzip") ?? any ?? 0;
	const identity = weights.get("identity") ?? any ?? 0;
	return gzip > 0 && gzip >= identity;
}

function isCompressible(headers: Headers): boolean {
	if (!COMPRESSIBLE_CONTENT_TYPE_REGEX.test(headers.get("content-type") ?? "")) return false;
	if (DIGESTS.some((name) => headers.has(name))) return false;
	return !parseCacheControl(headers.get("cache-control")).has("no-transform");
}

/** What they are of includes the coding (RFC 9530). */
const DIGESTS = ["content-digest", "repr-digest", "digest", "content-md5"] as const;

/** Output is cut off at the bound, so that a few bytes cannot become gigabytes. */
async function unzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
	try {
		// zlib takes 0 for no bound at all.
		return await inflate(bytes, { maxOutputLength: Math.max(1, maxBytes) });
	} catch (cause) {
		throw undecodable(cause);
	}
}

function undecodable(cause: unknown): Undecodable {
	if (cause instanceof Undecodable) return cause;
	// Each platform has a code of its own for it, but the same class.
	return new Undecodable(cause instanceof RangeError ? "too-large" : "content-encoding", { cause });
}
