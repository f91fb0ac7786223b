import type { Context } from "hono";

/** The largest body that is read and hashed where no schema has read it before; bytes. */
const MAX_KEYED_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/([\w.-]+\+)?json$/;

/** A body as it is keyed: equal texts for equal values, whatever the order of members and the white space. */
export interface KeyedBody {
	readonly type: string;
	readonly text: string;
}

/**
 * The JSON body that no validator has read, or undefined for one that cannot be keyed: of another type, over 64 KiB, or
 * not readable. The request's body can be read as before in either case.
 */
export async function keyedBody(c: Context): Promise<KeyedBody | undefined> {
	const type = (c.req.header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
	if (!JSON_TYPE.test(type)) return undefined;
	const bytes = await readWithin(c, MAX_KEYED_BYTES);
	if (!bytes) return undefined;
	try {
		const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
		return { type, text: JSON.stringify(inOrder(value)) };
	} catch {
		// Not JSON, or nested so deeply that it cannot be told.
		return undefined;
	}
}

async function readWithin(c: Context, maxBytes: number): Promise<Uint8Array | undefined> {
	if (Object.keys(c.req.bodyCache).length > 0) {
		const read = await c.req.arrayBuffer().catch(() => undefined);
		return read && read.byteLength <= maxBytes ? new Uint8Array(read) : undefined;
	}
	const { raw } = c.req;
	if (!raw.body || raw.bodyUsed || Number(raw.headers.get("content-length") ?? 0) > maxBytes)
		return undefined;
	const reader: ByteReader = raw.body.getReader();
	const chunks: Uint8Array[] = [];
	let size = 0;
	for (;;) {
		const next = await reader.read().catch(() => undefined);
		if (next?.done) break;
		if (next) {
			chunks.push(next.value);
			size += next.value.byteLength;
		}
		if (!next || size > maxBytes) {
			c.req.raw = new Request(raw, { body: resumed(chunks, reader), duplex: "half" } as RequestInit);
			return undefined;
		}
	}
	const bytes = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
	c.req.raw = new Request(raw, { body: bytes });
	return bytes;
}

interface ByteReader {
	read(): Promise<{ done: false; value: Uint8Array } | { done: true; value?: Uint8Array | undefined }>;
	cancel(reason?: unknown): Promise<void>;
}

/** The stream from its beginning, of which some was read; it fails where the original does. */
function resumed(chunks: Uint8Array[], reader: ByteReader): ReadableStream<Uint8Array> {
	return new ReadableStream({
		async pull(controller) {
			const chunk = chunks.shift();
			if (chunk) return controller.enqueue(chunk);
			const next = await reader.read();
			if (next.done) controller.close();
			else controller.enqueue(next.value);
		},
		cancel: (reason) => reader.cancel(reason),
	});
}

/** @throws {RangeError} for numbers beyond what all readers of JSON agree on (RFC 8259 section 6): two may be read as one. */
function inOrder(value: unknown): unknown {
	if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
		throw new RangeError("Not a number that is read alike by all");
	}
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(inOrder);
	const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
	return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
