import type { Socket } from "bun";
import { AnswerReader } from "./answer-reader.ts";
import { type BenchRequest, onTheWire } from "./request.ts";

/** An answer as it came over the wire. */
export interface Answer {
	readonly status: number;
	/** Status line and headers. */
	readonly head: string;
	/** As sent: compressed where the server did that. */
	readonly body: Buffer;
	/** From the first byte sent to the last one received, milliseconds. */
	readonly ms: number;
}

/** One kept-alive connection that asks one thing after the other, with as little between it and the clock as can be. */
export interface Connection {
	/** @throws {Error} when the server hangs up */
	ask(request: BenchRequest): Promise<Answer>;
	close(): void;
}

interface Waiting {
	sentAt: number;
	reader: AnswerReader;
	chunks: Buffer[];
	resolve(answer: Answer): void;
	reject(error: Error): void;
}

/**
 * Connects at the first request, and again at one that finds the connection closed: servers end what is idle.
 *
 * @param port on the loopback interface
 */
export function openConnection(port: number): Connection {
	let socket: Socket | undefined;
	let waiting: Waiting | undefined;

	function received(chunk: Buffer): void {
		const one = waiting;
		if (!one) return;
		one.chunks.push(Buffer.from(chunk));
		const [answer] = one.reader.read(chunk);
		if (!answer) return;
		const ms = performance.now() - one.sentAt;
		waiting = undefined;
		one.resolve({ status: answer.status, ms, ...partsOf(Buffer.concat(one.chunks)) });
	}

	function hungUp(): void {
		socket = undefined;
		waiting?.reject(new Error("The server hung up in the middle of an answer"));
		waiting = undefined;
	}

	function connect(): Promise<Socket> {
		return Bun.connect({
			hostname: "127.0.0.1",
			port,
			socket: { data: (_, chunk) => received(chunk), close: hungUp, error: hungUp },
		});
	}

	return {
		async ask(request) {
			const bytes = Buffer.from(onTheWire(request));
			socket ??= await connect();
			const { promise, resolve, reject } = Promise.withResolvers<Answer>();
			waiting = { sentAt: performance.now(), reader: new AnswerReader(), chunks: [], resolve, reject };
			if (socket.write(bytes) < bytes.byteLength) hungUp();
			return promise;
		},
		close: () => void socket?.end(),
	};
}

/** Of a whole answer. */
export function partsOf(bytes: Buffer): Pick<Answer, "head" | "body"> {
	const end = bytes.indexOf("\r\n\r\n");
	const head = bytes.toString("latin1", 0, end);
	const rest = bytes.subarray(end + 4);
	return { head, body: /^transfer-encoding: *chunked/im.test(head) ? unchunked(rest) : rest };
}

/** RFC 9112 section 7.1. */
function unchunked(bytes: Buffer): Buffer {
	const chunks: Buffer[] = [];
	for (let at = 0; ; ) {
		const lineEnd = bytes.indexOf("\r\n", at);
		const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
		if (lineEnd < 0 || !(size > 0)) return Buffer.concat(chunks);
		chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
		at = lineEnd + 2 + size + 2;
	}
}

/** What the cache says it did (RFC 9211); empty without the header. */
export function cacheStatus({ head }: Pick<Answer, "head">): string {
	return /^cache-status: *(.*)$/im.exec(head)?.[1]?.trim() ?? "";
}

/** Whether the cache gave what it had, fresh or stale. */
export function isHit(answer: Pick<Answer, "head">): boolean {
	return /;\s*hit\b/.test(cacheStatus(answer));
}

/** Whether the cache kept what it was just given, for whoever asks next. */
export function isStored(answer: Pick<Answer, "head">): boolean {
	return /;\s*stored\b/.test(cacheStatus(answer));
}

/** The body as the handler wrote it. */
export function textOf({ head, body }: Pick<Answer, "head" | "body">): string {
	const text = /^content-encoding: *gzip/im.test(head) ? Bun.gunzipSync(new Uint8Array(body)) : body;
	return Buffer.from(text).toString();
}
