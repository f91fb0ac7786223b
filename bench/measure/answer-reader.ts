/** One answer, read to its end. */
export interface ReadAnswer {
	readonly status: number;
	readonly keepAlive: boolean;
	/** Status line and headers. */
	readonly head: string;
	/** All of it, good until more is read. */
	readonly bytes: Buffer;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** Finds the ends of answers in the bytes of one connection (RFC 9112 section 6), keeping nothing of those that are over. */
export class AnswerReader {
	#pending: Buffer = Buffer.alloc(0);

	/** Whether an answer has begun and not ended. */
	get isInside(): boolean {
		return this.#pending.byteLength > 0;
	}

	/** The answers that these bytes complete. */
	read(chunk: Uint8Array): ReadAnswer[] {
		this.#pending = this.#pending.byteLength > 0 ? Buffer.concat([this.#pending, chunk]) : Buffer.from(chunk);
		const answers: ReadAnswer[] = [];
		for (let read = readOne(this.#pending); read; read = readOne(this.#pending)) {
			answers.push(read);
			this.#pending = this.#pending.subarray(read.length);
		}
		return answers;
	}
}

function readOne(bytes: Buffer): (ReadAnswer & { length: number }) | undefined {
	const headEnd = bytes.indexOf(HEAD_END);
	if (headEnd < 0) return undefined;
	const head = bytes.toString("latin1", 0, headEnd);
	const status = Number(head.slice(9, 12));
	const start = headEnd + HEAD_END.byteLength;
	const length = bodyLength(bytes, start, head, status);
	if (length === undefined || bytes.byteLength < start + length) return undefined;
	const whole = { head, bytes: bytes.subarray(0, start + length), length: start + length };
	return { status, keepAlive: !/^connection: *close/im.test(head), ...whole };
}

/** Undefined while that cannot be said. */
function bodyLength(bytes: Buffer, start: number, head: string, status: number): number | undefined {
	if (status === 304 || status === 204) return 0;
	if (!/^transfer-encoding: *chunked/im.test(head)) {
		return Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
	}
	let at = start;
	for (;;) {
		const lineEnd = bytes.indexOf("\r\n", at, "latin1");
		if (lineEnd < 0) return undefined;
		const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
		at = lineEnd + 2 + size + 2;
		if (size === 0) return at - start;
		if (at > bytes.byteLength) return undefined;
	}
}
